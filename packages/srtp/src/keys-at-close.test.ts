import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { keyDerivationLabels, SessionKeyDerivation } from './key-derivation.ts';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { masterKey, rtpPacket } from './testing/octets.ts';

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
});

test('no key and no salt shows when a context is printed or turned into JSON', () => {
  const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys: [masterKey] } as const;
  const sender = createSrtpSender(options);
  sender.protect(rtpPacket(1, 1), new Uint8Array(64));
  const derivation = new SessionKeyDerivation(nodeCrypto, masterKey.key, masterKey.salt);
  const secrets = [
    masterKey.key,
    masterKey.salt,
    ...Object.values(keyDerivationLabels).map((label) => derivation.derive(label, 14)),
  ];
  const shown = inspect(sender, { depth: 9, showHidden: true }) + JSON.stringify(sender);
  const numbers = shown.replaceAll(/\s|"\d+":/g, '');
  expect(numbers).toContain('AES_CM_128_HMAC_SHA1_80');
  for (const secret of secrets) expect(numbers).not.toContain(secret.subarray(0, 6).join());
});
