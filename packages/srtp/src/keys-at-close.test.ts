import { expect, test } from 'vitest';
import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { masterKey } from './testing/octets.ts';

test('session keys are cleared as soon as the provider has them, and every primitive is closed with its context', () => {
  const handed: Uint8Array[] = [];
  let open = 0;
  const watching: SrtpCryptoProvider = {
    createCounterModeCipher(key) {
      open++;
      if (key !== masterKey.key) handed.push(key);
      const cipher = nodeCrypto.createCounterModeCipher(key);
      return { apply: cipher.apply.bind(cipher), close: () => void open-- };
    },
    createHmacSha1(key) {
      open++;
      handed.push(key);
      const hmac = nodeCrypto.createHmacSha1(key);
      return { sign: hmac.sign.bind(hmac), close: () => void open-- };
    },
  };
  const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: watching, masterKeys: [masterKey] } as const;
  const contexts = [createSrtpSender(options), createSrtpReceiver(options)];
  expect(handed).toHaveLength(8);
  expect(handed.every((key) => key.every((octet) => octet === 0))).toBe(true);
  expect(open).toBe(8);
  for (const context of contexts) context.close();
  expect(open).toBe(0);
  const text = JSON.stringify(contexts, (_, value) => (value instanceof Uint8Array ? [...value] : value));
  expect(text.match(/"salt":\[[^\]]*[1-9]/)).toBeNull();
});
