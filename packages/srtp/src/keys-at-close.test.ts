import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { SrtpCryptoProvider } from './crypto-provider.ts';
import { keyDerivationLabels, SessionKeyDerivation } from './key-derivation.ts';
import { createHybridCrypto, nodeCrypto } from './node/index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { createSrtpSession } from './session.ts';
import { masterKey, rtpPacket } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';

test('session keys are cleared as soon as the provider has them, and every primitive is closed with its context', () => {
  const handed: Uint8Array[] = [];
  let open = 0;
  const watch = <T extends { close(): void }>(made: T): T => {
    open++;
    const close = made.close.bind(made);
    made.close = () => {
      open--;
      close();
    };
    return made;
  };
  const watching: SrtpCryptoProvider = {
    ...nodeCrypto,
    createCounterModeCipher(key) {
      handed.push(key);
      return watch(nodeCrypto.createCounterModeCipher(key));
    },
    createCounterModePacketCipher(keys) {
      handed.push(keys.encryptionKey, keys.salt, keys.authenticationKey);
      return watch(nodeCrypto.createCounterModePacketCipher(keys));
    },
  };
  const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: watching, masterKeys: [masterKey] } as const;
  const contexts = [createSrtpSender(options), createSrtpReceiver(options)];
  // Of each context: the copy of the master key, and three session keys for SRTP and SRTCP each.
  expect(handed).toHaveLength(14);
  const sessionKeys = handed.filter((_, at) => at % 7 !== 0);
  expect(sessionKeys.every((key) => key.every((octet) => octet === 0))).toBe(true);
  expect(open).toBe(6);
  for (const context of contexts) context.close();
  expect(open).toBe(0);
  expect(handed.every((key) => key.every((octet) => octet === 0))).toBe(true);
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

test.each(providers)(
  'nothing of a context leads to the memory of its keys, printed or as JSON, with %s',
  (_name, crypto) => {
    const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys: [masterKey] } as const;
    for (const context of [createSrtpSender(options), createSrtpReceiver(options)]) {
      const shown =
        inspect(context, { depth: Number.POSITIVE_INFINITY, maxArrayLength: null }) + JSON.stringify(context);
      expect(shown.length).toBeLessThan(20_000);
      expect(shown.replaceAll(/\s|"\d+":/g, '')).not.toContain(masterKey.key.subarray(0, 6).join());
    }
  },
);

test('closing twice gives nothing back twice: contexts made afterwards have keys of their own', () => {
  const crypto = createHybridCrypto();
  const direction = (fill: number) => ({
    profile: 'AES_CM_128_HMAC_SHA1_80' as const,
    crypto,
    masterKeys: [{ key: new Uint8Array(16).fill(fill), salt: masterKey.salt }],
  });
  const session = createSrtpSession({ send: direction(1), receive: direction(2) });
  session.sender.close();
  session.receiver.close();
  session.close();
  session.close();
  const out = new Uint8Array(64);
  const calls = Array.from({ length: 6 }, (_, at) => ({
    sender: createSrtpSender(direction(10 + at)),
    receiver: createSrtpReceiver(direction(10 + at)),
  }));
  for (const { sender, receiver } of calls) {
    expect(receiver.unprotect(out.slice(0, sender.protect(rtpPacket(1, 1), out)), out)).toBe(32);
  }
  expect(() => session.sender.useMasterKey(new Uint8Array(0))).toThrow(
    expect.objectContaining({ code: 'srtp.closed' }),
  );
});
