import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SrtpContextOptions } from './options.ts';
import { estimateIndex } from './packet-index.ts';
import { type SrtpProfileName, srtpProfiles } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { ReplayWindow } from './replay-window.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, rtpPacket } from './testing/octets.ts';
import { providers } from './testing/providers.fixture.ts';
import { referenceProtect, referenceProtectRtcp } from './testing/reference.fixture.ts';

const RUNS = process.env['TRUSTLINE_FULL'] === '1' ? 4_000 : 150;

type Features = Omit<SrtpContextOptions, 'crypto' | 'masterKeys'>;

const octetsOfLength = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** Options that go together. */
const features: fc.Arbitrary<Features> = fc
  .record({
    profile: fc.constantFrom(...(Object.keys(srtpProfiles) as SrtpProfileName[])),
    keyDerivationRate: fc.constantFrom(0, 0, 0, 1, 2, 256, 2 ** 16, 2 ** 24),
    srtcpKeyDerivation: fc.constantFrom('erratum-3712' as const, 'as-printed' as const),
    unencryptedRtp: fc.boolean(),
    unencryptedRtcp: fc.boolean(),
    unauthenticatedRtp: fc.constantFrom(false, false, true),
    header: fc.constantFrom('plain' as const, 'rfc6904' as const, 'cryptex' as const),
    carriage: fc.option(
      fc.record({ mode: fc.constantFrom(1 as const, 2 as const, 3 as const), rate: fc.integer({ min: 1, max: 9 }) }),
      { nil: undefined, freq: 4 },
    ),
  })
  .map(({ header, carriage, ...rest }): Features => {
    const { encryption, rtpTagLength } = srtpProfiles[rest.profile];
    const carries =
      carriage !== undefined && encryption !== 'galois' && (carriage.mode === 3 || rtpTagLength > 4)
        ? carriage
        : undefined;
    const clear = rest.unencryptedRtp || encryption === 'none';
    return {
      ...rest,
      unencryptedRtp: rest.unencryptedRtp && header !== 'cryptex',
      unauthenticatedRtp: rest.unauthenticatedRtp && encryption !== 'galois' && carries === undefined,
      ...(header === 'rfc6904' ? { encryptedHeaderExtensions: [1, 3, 7, 200] } : {}),
      ...(header === 'cryptex' && !(clear && encryption === 'none') ? { cryptex: 'enabled' as const } : {}),
      ...(carries === undefined ? {} : { rolloverCounterCarriage: carries }),
    };
  });

const index = fc.oneof(
  fc.nat({ max: 70_000 }),
  fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }).map(Number),
  fc.constantFrom(65_535, 65_536, 2 ** 31, 2 ** 32 + 5, 2 ** 47, 2 ** 48 - 1),
);

/** RTP packets with CSRC lists, header extensions of every kind, and padding. */
const rtp = fc
  .record({
    ssrc: fc.nat({ max: 0xffff_ffff }),
    csrc: fc.integer({ min: 0, max: 3 }),
    extension: fc.option(
      fc.record({
        profile: fc.constantFrom(0xbede, 0x1000, 0x1005, 0x4711),
        words: fc.integer({ min: 0, max: 4 }),
        octets: octetsOfLength(16),
      }),
      { nil: undefined },
    ),
    payload: fc.uint8Array({ maxLength: 400 }),
  })
  .map(({ ssrc, csrc, extension, payload }) => {
    const words = extension === undefined ? 0 : 1 + extension.words;
    const packet = new Uint8Array(12 + 4 * csrc + 4 * words + payload.byteLength);
    const view = new DataView(packet.buffer);
    packet[0] = 0x80 | csrc | (extension === undefined ? 0 : 0x10);
    packet[1] = 0x80 | 8;
    view.setUint32(4, 0xdecafbad);
    view.setUint32(8, ssrc);
    for (let i = 12; i < 12 + 4 * csrc; i++) packet[i] = i * 7;
    if (extension !== undefined) {
      view.setUint16(12 + 4 * csrc, extension.profile);
      view.setUint16(14 + 4 * csrc, extension.words);
      packet.set(extension.octets.subarray(0, 4 * extension.words), 16 + 4 * csrc);
    }
    packet.set(payload, 12 + 4 * (csrc + words));
    return packet;
  });

/** The receiver leaves the empty extension in place that cryptex needed (RFC 9335 §5.2). */
function asReceived(packet: Uint8Array, options: Features): string {
  const first = packet[0] as number;
  if (options.cryptex === undefined || first & 0x10 || (first & 0x0f) === 0) return hexadecimal(packet);
  const at = 12 + 4 * (first & 0x0f);
  return hexadecimal(
    Uint8Array.from([first | 0x10, ...packet.subarray(1, at), 0xbe, 0xde, 0, 0, ...packet.subarray(at)]),
  );
}

describe.each(providers)('SRTP by %s against a slow reading of the RFCs', (_name, crypto) => {
  test('every packet is protected as the reference does and opened again: any features, any index up to 2^48', () => {
    fc.assert(
      fc.property(
        features,
        octetsOfLength(32),
        octetsOfLength(14),
        fc.option(fc.uint8Array({ minLength: 1, maxLength: 128 }), { nil: undefined }),
        rtp,
        index,
        fc.boolean(),
        (options, key, salt, mki, plain, at, inPlace) => {
          const { masterKeyLength, masterSaltLength } = srtpProfiles[options.profile];
          const master = {
            key: key.subarray(0, masterKeyLength),
            salt: salt.subarray(0, masterSaltLength),
            ...(mki === undefined ? {} : { mki }),
          };
          const packet = plain.slice();
          new DataView(packet.buffer).setUint16(2, at % 65_536);
          const ssrc = new DataView(packet.buffer).getUint32(8);
          const sender = createSrtpSender({ ...options, crypto, masterKeys: [master] });
          sender.setRolloverCounter(ssrc, Math.floor(at / 65_536));
          const out = new Uint8Array(packet.length + sender.rtpOverhead);
          if (inPlace) out.set(packet);
          const length = sender.protect(inPlace ? out.subarray(0, packet.length) : packet, out);
          const expected = referenceProtect({ ...options, ...master }, packet, BigInt(at));
          expect(hexadecimal(out.subarray(0, length))).toBe(expected.toString('hex'));

          const receiver = createSrtpReceiver({ ...options, crypto, masterKeys: [master] });
          receiver.setRolloverCounter(ssrc, Math.floor(at / 65_536));
          const opened = inPlace ? out : new Uint8Array(out.length);
          const outcome = receiver.unprotect(out.subarray(0, length), opened);
          expect(typeof outcome === 'number' ? hexadecimal(opened.subarray(0, outcome)) : outcome).toBe(
            asReceived(packet, options),
          );
          sender.close();
          receiver.close();
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('every report is protected as the reference does and opened again, at any index up to 2^31', () => {
    const rtcpIndex = fc.oneof(fc.nat({ max: 2 ** 31 - 2 }), fc.constantFrom(0, 255, 256, 65_536, 2 ** 31 - 2));
    fc.assert(
      fc.property(
        features,
        octetsOfLength(32),
        octetsOfLength(14),
        fc.uint8Array({ minLength: 4, maxLength: 200 }),
        rtcpIndex,
        (options, key, salt, content, at) => {
          const { masterKeyLength, masterSaltLength } = srtpProfiles[options.profile];
          const master = { key: key.subarray(0, masterKeyLength), salt: salt.subarray(0, masterSaltLength) };
          const report = Uint8Array.from([0x81, 0xc8, 0, 9, ...content]);
          const ssrc = new DataView(report.buffer).getUint32(4);
          const sender = createSrtpSender({ ...options, crypto, masterKeys: [master] });
          sender.setRtcpIndex(ssrc, at);
          const out = new Uint8Array(report.length + sender.rtcpOverhead);
          const length = sender.protectRtcp(report, out);
          const expected = referenceProtectRtcp({ ...options, ...master }, report, BigInt(at));
          expect(hexadecimal(out.subarray(0, length))).toBe(expected.toString('hex'));
          const receiver = createSrtpReceiver({ ...options, crypto, masterKeys: [master] });
          const outcome = receiver.unprotectRtcp(out, out);
          expect(typeof outcome === 'number' ? hexadecimal(out.subarray(0, outcome)) : outcome).toBe(
            hexadecimal(report),
          );
          sender.close();
          receiver.close();
        },
      ),
      { numRuns: RUNS },
    );
  });

  const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys: [masterKey] } as const;

  test('any order with any loss: nothing wrong, nothing twice, and at most the window is lost', () => {
    const sent = Array.from({ length: 400 }, (_, i) => 65_336 + i); // across the wrap
    const sender = createSrtpSender(options);
    const packets = sent.map((sequenceNumber) => {
      const out = new Uint8Array(42);
      sender.protect(rtpPacket(7, sequenceNumber), out);
      return out;
    });
    const arrival = fc.array(fc.nat({ max: packets.length - 1 }), { maxLength: 300 });
    fc.assert(
      fc.property(arrival, (order) => {
        const receiver = createSrtpReceiver({ ...options, replayWindow: 64 });
        const out = new Uint8Array(42);
        const seen = new Set<number>();
        let highest = -1;
        if (order.length > 0 && (sent[order[0] as number] as number) > 65_535) return; // it cannot know of the wrap yet
        for (const position of order) {
          const outcome = receiver.unprotect(packets[position] as Uint8Array, out);
          if (highest - position >= 64) expect(outcome).toBe('too-old');
          else if (seen.has(position)) expect(outcome).toBe('replayed');
          else {
            expect(outcome).toBe(32);
            expect(out.subarray(0, 32)).toEqual(rtpPacket(7, sent[position] as number));
            seen.add(position);
            highest = Math.max(highest, position);
          }
        }
        receiver.close();
      }),
      { numRuns: RUNS },
    );
  });

  test('random octets are refused, by a returned constant', () => {
    const receiver = createSrtpReceiver(options);
    const out = new Uint8Array(2048);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof receiver.unprotect(bytes, out)).toBe('string');
        expect(typeof receiver.unprotectRtcp(bytes, out)).toBe('string');
        expect(receiver.streamCount).toBe(0);
      }),
    );
  });
});

describe('the parts against plain models', () => {
  test('the estimated index is the nearest of the three candidates (RFC 3711 §3.3.1)', () => {
    const highest = fc.bigInt({ min: 2n ** 17n, max: 2n ** 48n - 2n ** 17n }).map(Number);
    fc.assert(
      fc.property(highest, fc.nat({ max: 65_535 }), (last, sequenceNumber) => {
        const rolloverCounter = Math.floor(last / 65_536);
        const candidates = [-1, 0, 1].map((step) => (rolloverCounter + step) * 65_536 + sequenceNumber);
        const nearest = Math.min(...candidates.map((candidate) => Math.abs(candidate - last)));
        expect(Math.abs(estimateIndex(last, sequenceNumber) - last)).toBe(nearest);
      }),
    );
  });

  test('the replay window knows what a set of all indices would know', () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: -150, max: 40 }), fc.constantFrom(31, 32, 63, 64, 65, 500)));
    fc.assert(
      fc.property(fc.integer({ min: 64, max: 200 }), fc.nat({ max: 2 ** 40 }), steps, (size, start, moves) => {
        const window = new ReplayWindow(size);
        const seen = new Set<number>();
        let highest = -1;
        let at = start;
        for (const move of moves) {
          at = Math.max(0, Math.max(highest, start) + move);
          const expected =
            at > highest ? undefined : highest - at >= size ? 'too-old' : seen.has(at) ? 'replayed' : undefined;
          expect(window.check(at)).toBe(expected);
          if (expected !== undefined) continue;
          window.commit(at);
          seen.add(at);
          highest = Math.max(highest, at);
        }
      }),
    );
  });
});
