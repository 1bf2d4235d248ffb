import { describe, expect, test } from 'vitest';
import { createSrtpBatch } from './batch.ts';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver, type SrtpReceiverOptions } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { createSrtpSession, type SrtpSessionOptions } from './session.ts';
import { hexadecimal, masterKey } from './testing/octets.ts';

const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys: [masterKey] } as const;
const buffer = masterKey.key.slice().buffer;

describe('a mistake in the options names the option, what was expected, and the kind of what came', () => {
  test.each([
    [{ profile: 'AES' }, /^profile: one of AES_CM_128_HMAC_SHA1_80, .* not "AES"$/],
    [{ crypto: undefined }, /^crypto: a provider such as nodeCrypto, not undefined$/],
    [{ masterKeys: undefined }, /^masterKeys: an array, not undefined$/],
    [{ masterKeys: [] }, /^masterKeys: at least one key is needed/],
    [{ masterKeys: [null] }, /^masterKeys\[0\]: an object, not null$/],
    [{ masterKeys: [{ salt: masterKey.salt }] }, /^masterKeys\[0\].key: a Uint8Array, not undefined/],
    [{ masterKeys: [{ ...masterKey, key: buffer }] }, /^masterKeys\[0\].key: a Uint8Array, not ArrayBuffer/],
    [
      { masterKeys: [{ ...masterKey, key: new Uint16Array(8) }] },
      /^masterKeys\[0\].key: a Uint8Array, not Uint16Array/,
    ],
    [{ masterKeys: [{ ...masterKey, salt: buffer }] }, /^masterKeys\[0\].salt: a Uint8Array, not ArrayBuffer/],
    [{ masterKeys: [{ ...masterKey, mki: buffer }] }, /^masterKeys\[0\].mki: a Uint8Array, not ArrayBuffer/],
    [
      { masterKeys: [{ ...masterKey, mik: new Uint8Array(1) }] },
      /^masterKeys\[0\].mik: there is no such option \(mki is meant\?\); there are key, salt, mki, lifetime$/,
    ],
    [
      { masterKeys: [masterKey, { ...masterKey, lifeTime: 5 }] },
      /^masterKeys\[1\].lifeTime: there is no such option \(lifetime is meant\?\)/,
    ],
    [
      { masterKeys: [{ ...masterKey, identifier: 1 }] },
      /^masterKeys\[0\].identifier: there is no such option; there are/,
    ],
    [{ masterKeys: [{ ...masterKey, lifetime: 0 }] }, /^masterKeys\[0\].lifetime: an integer from 1/],
    [{ keyDerivationRate: 3 }, /^keyDerivationRate: 0 or a power of two, not 3/],
    [{ srtcpKeyDerivation: 'asprinted' }, /^srtcpKeyDerivation: one of erratum-3712, as-printed/],
    [{ unencryptedRtp: 'yes' }, /^unencryptedRtp: true or false, not string$/],
    [{ encryptedHeaderExtensions: 5 }, /^encryptedHeaderExtensions: an array, not number$/],
    [{ encryptedHeaderExtensions: [0] }, /^encryptedHeaderExtensions: an integer from 1 to 255, not 0/],
    [{ cryptex: 'on' }, /^cryptex: one of off, enabled, required, not "on"/],
    [{ rolloverCounterCarriage: null }, /^rolloverCounterCarriage: an object, not null$/],
    [{ onKeyWarning: 5 }, /^onKeyWarning: a function, not number$/],
    [{ atMaximumStreams: 'bogus' }, /^atMaximumStreams: one of forget-least-recent, refuse, not "bogus"$/],
    [{ replayWindow: 63 }, /^replayWindow: an integer from 64 to 32768, not 63/],
    [{ replayWindows: 64 }, /^options.replayWindows: there is no such option \(replayWindow is meant\?\)/],
  ])('%j', (more, message) => {
    const given = { ...options, ...(more as object) } as SrtpReceiverOptions;
    const mistake = expect.objectContaining({ code: 'srtp.invalid-option', message: expect.stringMatching(message) });
    expect(() => createSrtpReceiver(given)).toThrow(mistake);
  });

  test.each([undefined, null, 5])('options that are %s', (given) => {
    for (const create of [createSrtpSender, createSrtpReceiver, createSrtpBatch]) {
      expect(() => create(given as never)).toThrow(/^options: an object, not/);
    }
    expect(() => createSrtpBatch({} as never)).toThrow(/^crypto: a provider/);
  });

  test('of a session and a batch as well', () => {
    const session = { send: options, receive: options, sharedMasterkey: 'keep-ssrc-apart' };
    expect(() => createSrtpSession(session)).toThrow(/^options.sharedMasterkey: .*\(sharedMasterKey is meant\?\)/);
    const unknown = { send: options, receive: options, sharedMasterKey: 'keep' } as unknown as SrtpSessionOptions;
    expect(() => createSrtpSession(unknown)).toThrow(/^sharedMasterKey: one of refuse, keep-ssrc-apart, not "keep"$/);
    const batch = { crypto: nodeCrypto, capcity: 5 };
    expect(() => createSrtpBatch(batch)).toThrow(/^options.capcity: .*\(capacity is meant\?\)/);
  });

  test('and never the key', () => {
    const long = { key: new Uint8Array(17).fill(0x5a), salt: masterKey.salt };
    expect(() => createSrtpSender({ ...options, masterKeys: [long] })).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/90|5a/) }),
    );
    expect(hexadecimal(long.key)).toContain('5a');
  });
});
