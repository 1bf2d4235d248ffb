import { describe, expect, test } from 'vitest';
import cryptex from '../vectors/rfc9335-cryptex.json' with { type: 'json' };
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, octets, rtpPacket } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';

const { vectors: packets, key, salt } = cryptex;

describe.each(providers)('cryptex (RFC 9335 appendix A), with %s', (_name, crypto) => {
  const masterKeys = [{ key: octets(key), salt: octets(salt) }];
  const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys, cryptex: 'required' } as const;
  const out = new Uint8Array(128);

  test.each(packets)('$rtp', ({ rtp, srtp }) => {
    expect(hexadecimal(out.subarray(0, createSrtpSender(options).protect(octets(rtp), out)))).toBe(srtp);
    const length = createSrtpReceiver(options).unprotect(octets(srtp), out);
    expect(hexadecimal(out.subarray(0, Number(length)))).toBe(rtp);
  });

  test.each([
    ['with an extension', packets[0]?.rtp],
    ['with CSRC', packets[2]?.rtp],
  ] as const)(
    'where it is required, an authentic packet %s in the clear is refused; where enabled, taken (§4)',
    (_what, rtp = '') => {
      const plain = createSrtpSender({ ...options, cryptex: 'off' });
      const sent = out.slice(0, plain.protect(octets(rtp), out));
      expect(createSrtpReceiver(options).unprotect(sent, out)).toBe('cryptex-required');
      expect(createSrtpReceiver({ ...options, cryptex: 'enabled' }).unprotect(sent, out)).toBe(rtp.length / 2);
    },
  );

  test('a packet with nothing to hide stays as it is', () => {
    const sender = createSrtpSender(options);
    expect(sender.protect(rtpPacket(1, 1), out)).toBe(32 + 10);
    expect(createSrtpReceiver(options).unprotect(out.subarray(0, 42), out)).toBe(32);
  });

  test('an extension of another kind cannot be hidden: refused where it is required (§5.1)', () => {
    const other = octets('900f1235decafbadcafebabe4711000151000200abab');
    expect(() => createSrtpSender(options).protect(other, out)).toThrow(
      expect.objectContaining({ code: 'srtp.malformed-packet', section: 'RFC 9335 §5.1' }),
    );
    const enabled = { ...options, cryptex: 'enabled' } as const;
    const length = createSrtpSender(enabled).protect(other, out);
    expect(hexadecimal(out.subarray(0, 20))).toBe(hexadecimal(other.subarray(0, 20)));
    expect(createSrtpReceiver(enabled).unprotect(out.subarray(0, length), out)).toBe(other.length);
  });
});
