import { describe, expect, test } from 'vitest';
import vector from '../vectors/rfc6904-a.json' with { type: 'json' };
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, octets } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';

describe.each(providers)('encrypted header extensions (RFC 6904 appendix A), with %s', (_name, crypto) => {
  const options = {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    crypto,
    masterKeys: [{ key: octets(vector.key), salt: octets(vector.salt) }],
    encryptedHeaderExtensions: vector.encryptedIds,
  } as const;

  test('the packet is protected as printed', () => {
    const out = new Uint8Array(128);
    expect(hexadecimal(out.subarray(0, createSrtpSender(options).protect(octets(vector.rtp), out)))).toBe(vector.srtp);
  });

  test('and opened again', () => {
    const out = new Uint8Array(128);
    const length = createSrtpReceiver(options).unprotect(octets(vector.srtp), out);
    expect(hexadecimal(out.subarray(0, Number(length)))).toBe(vector.rtp);
  });

  test('who was not told which elements are encrypted gets them as they came, and the payload clear', () => {
    const { encryptedHeaderExtensions, ...untold } = options;
    const out = new Uint8Array(128);
    const length = createSrtpReceiver(untold).unprotect(octets(vector.srtp), out);
    expect(hexadecimal(out.subarray(0, Number(length)))).toBe(vector.rtp.replace(vector.extPlain, vector.extEnc));
  });
});
