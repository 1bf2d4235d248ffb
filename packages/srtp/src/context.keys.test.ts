import { describe, expect, test } from 'vitest';
import { nodeCrypto } from './node/index.ts';
import type { SrtpKeyWarning } from './options.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, octets, rtcpPacket, rtpPacket } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';
import { referenceProtect } from './testing/reference.fixture.ts';

const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto: nodeCrypto, masterKeys: [masterKey] } as const;
const out = new Uint8Array(512);

describe('life of a master key (RFC 3711 §9.2)', () => {
  test('a warning when few packets are left, once for each protocol, then a stop; never a wrap', () => {
    const warnings: SrtpKeyWarning[] = [];
    const sender = createSrtpSender({
      ...options,
      masterKeys: [{ ...masterKey, lifetime: 10 }],
      keyWarningAt: 3,
      onKeyWarning: (warning) => warnings.push(warning),
    });
    for (let at = 0; at < 10; at++) {
      sender.protect(rtpPacket(1, at), out);
      if (at < 8) sender.protectRtcp(rtcpPacket(1), out);
    }
    expect(warnings).toEqual([
      { protocol: 'rtp', mki: new Uint8Array(0), remaining: 3 },
      { protocol: 'rtcp', mki: new Uint8Array(0), remaining: 3 },
    ]);
    const exhausted = { code: 'srtp.key-lifetime-exhausted', section: 'RFC 3711 §9.2' };
    expect(() => sender.protect(rtpPacket(1, 10), out)).toThrow(expect.objectContaining(exhausted));
    sender.protectRtcp(rtcpPacket(1), out);
    sender.protectRtcp(rtcpPacket(1), out);
    expect(() => sender.protectRtcp(rtcpPacket(1), out)).toThrow(expect.objectContaining(exhausted));
  });

  test('a life shorter than the warning is warned of with the first packet', () => {
    const remaining: number[] = [];
    const sender = createSrtpSender({
      ...options,
      masterKeys: [{ ...masterKey, lifetime: 5 }],
      onKeyWarning: (warning) => remaining.push(warning.remaining),
    });
    for (let at = 0; at < 5; at++) sender.protect(rtpPacket(1, at), out);
    expect(remaining).toEqual([4]);
  });

  test('a receiver stops and warns as well', () => {
    const warned: string[] = [];
    const sender = createSrtpSender(options);
    const receiver = createSrtpReceiver({
      ...options,
      masterKeys: [{ ...masterKey, lifetime: 2 }],
      onKeyWarning: ({ protocol }) => warned.push(protocol),
    });
    const outcomes = [1, 2, 3].map((at) =>
      receiver.unprotect(out.slice(0, sender.protect(rtpPacket(1, at), out)), out),
    );
    expect(outcomes).toEqual([32, 32, 'key-exhausted']);
    expect(warned).toEqual(['rtp']);
  });

  test('the last index of an SSRC is protected, and the next is refused: 2^48 for SRTP, 2^31 for SRTCP', () => {
    const sender = createSrtpSender(options);
    sender.setRolloverCounter(1, 2 ** 32 - 1);
    sender.setRtcpIndex(1, 2 ** 31 - 1);
    sender.protect(rtpPacket(1, 65_535), out);
    sender.protectRtcp(rtcpPacket(1), out);
    const exhausted = expect.objectContaining({ code: 'srtp.key-lifetime-exhausted' });
    expect(() => sender.protect(rtpPacket(1, 0), out)).toThrow(exhausted);
    expect(() => sender.protectRtcp(rtcpPacket(1), out)).toThrow(exhausted);
  });
});

describe('several master keys (RFC 3711 §8.1)', () => {
  const second = { key: octets('000102030405060708090a0b0c0d0e0f'), salt: octets('a0a1a2a3a4a5a6a7a8a9aaabacad') };

  test.each([1, 4, 128])('keys overlap while packets of both are on their way, with an MKI of %d octets', (length) => {
    const mki = (value: number) => new Uint8Array(length).fill(value);
    const masterKeys = [
      { ...masterKey, mki: mki(1) },
      { ...second, mki: mki(2) },
    ];
    const [sender, receiver] = [
      createSrtpSender({ ...options, masterKeys }),
      createSrtpReceiver({ ...options, masterKeys }),
    ];
    const sent = [0, 1, 2, 3, 4, 5].map((at) => {
      if (at === 3) sender.useMasterKey(mki(2));
      return out.slice(0, sender.protect(rtpPacket(9, at), out));
    });
    expect(sent[0]).toHaveLength(32 + length + 10);
    for (const at of [0, 3, 2, 4, 1, 5]) expect(receiver.unprotect(sent[at] as Uint8Array, out)).toBe(32);
    const stranger = sent[5]?.slice() as Uint8Array;
    stranger[32] = 3;
    expect(receiver.unprotect(stranger, out)).toBe('unknown-mki');
    expect(() => sender.useMasterKey(mki(3))).toThrow(expect.objectContaining({ code: 'srtp.invalid-option' }));
  });

  test.each(providers)('the rollover counter goes on under a new key, with %s', (_name, crypto) => {
    const masterKeys = [
      { ...masterKey, mki: Uint8Array.of(1) },
      { ...second, mki: Uint8Array.of(2) },
    ];
    const sender = createSrtpSender({ ...options, crypto, masterKeys });
    for (let at = 65_400; at < 65_536 + 100; at++) {
      if (at === 65_500) sender.useMasterKey(Uint8Array.of(2));
      if (at === 65_600) sender.useMasterKey(Uint8Array.of(1));
      const key = at >= 65_500 && at < 65_600 ? masterKeys[1] : masterKeys[0];
      const packet = rtpPacket(9, at);
      const length = sender.protect(packet, out);
      const expected = referenceProtect({ profile: options.profile, ...(key ?? second) }, packet, BigInt(at));
      expect(hexadecimal(out.subarray(0, length))).toBe(expected.toString('hex'));
    }
  });
});

describe.each(providers)('key derivation rate (RFC 3711 §4.3.1), with %s', (_name, crypto) => {
  test.each([1, 16, 4096])(
    'rate %d: across its boundaries, out of order, as the reference does',
    (keyDerivationRate) => {
      const shared = { ...options, crypto, keyDerivationRate };
      const [sender, receiver] = [createSrtpSender(shared), createSrtpReceiver(shared)];
      const sent = Array.from({ length: 80 }, (_, at) => {
        const index = 4096 * 3 - 40 + at;
        const packet = rtpPacket(5, index);
        const made = out.slice(0, sender.protect(packet, out));
        const { profile } = options;
        const expected = referenceProtect({ profile, keyDerivationRate, ...masterKey }, packet, BigInt(index));
        expect(hexadecimal(made)).toBe(expected.toString('hex'));
        return { made, packet };
      });
      for (let at = 0; at + 3 < sent.length; at += 4) {
        for (const step of [2, 0, 3, 1]) {
          const { made, packet } = sent[at + step] as (typeof sent)[number];
          const length = receiver.unprotect(made, out);
          expect(hexadecimal(out.subarray(0, Number(length)))).toBe(hexadecimal(packet));
        }
      }
    },
  );
});
