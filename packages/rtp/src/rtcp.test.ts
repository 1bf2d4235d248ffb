import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRtcpCompound, type RtcpPacket, serializeRtcpCompound } from './rtcp.ts';

const uint32 = fc.nat({ max: 0xffff_ffff });
const text = fc.uint8Array({ maxLength: 40 });
const words = fc.array(uint32, { maxLength: 4 }).map((values) => new Uint8Array(Uint32Array.from(values).buffer));
const reports = fc.array(
  fc.record({
    ssrc: uint32,
    fractionLost: fc.nat({ max: 255 }),
    cumulativeLost: fc.integer({ min: -0x800000, max: 0x7fffff }),
    highestSequenceNumber: uint32,
    jitter: uint32,
    lastSenderReport: uint32,
    delaySinceLastSenderReport: uint32,
  }),
  { maxLength: 31 },
);
const packets: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({
    kind: fc.constant('sender-report' as const),
    ssrc: uint32,
    ntp: fc.record({ seconds: uint32, fraction: uint32 }),
    rtpTimestamp: uint32,
    packetCount: uint32,
    octetCount: uint32,
    reports,
    extension: words,
  }),
  fc.record({ kind: fc.constant('receiver-report' as const), ssrc: uint32, reports, extension: words }),
  fc.record({
    kind: fc.constant('source-description' as const),
    chunks: fc.array(
      fc.record({
        ssrc: uint32,
        items: fc.array(fc.record({ type: fc.integer({ min: 1, max: 255 }), value: text }), { maxLength: 4 }),
      }),
      { maxLength: 4 },
    ),
  }),
  fc.record({
    kind: fc.constant('goodbye' as const),
    sources: fc.array(uint32, { maxLength: 31 }),
    reason: fc.option(text, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('application' as const),
    subtype: fc.nat({ max: 31 }),
    ssrc: uint32,
    name: fc.stringMatching(/^[ -~]{4}$/),
    data: words,
  }),
  fc.record({
    kind: fc.constant('unknown' as const),
    packetType: fc.constantFrom(192, 199, 205, 206, 207, 223),
    count: fc.nat({ max: 31 }),
    data: words,
  }),
);

describe('RTCP compound packets (RFC 3550 §6)', () => {
  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(fc.array(packets, { minLength: 1, maxLength: 5 }), (compound) => {
        expect(parseRtcpCompound(serializeRtcpCompound(compound))).toEqual(compound);
      }),
    );
  });

  test('damaged packets are read or refused, never thrown at', () => {
    const damaged = fc
      .tuple(
        fc.array(packets, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }))),
        fc.nat(),
      )
      .map(([compound, changes, cut]) => {
        const bytes = serializeRtcpCompound(compound);
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
        return bytes.subarray(0, bytes.length - (cut % 8));
      });
    fc.assert(fc.property(fc.oneof(damaged, fc.uint8Array()), (bytes) => void parseRtcpCompound(bytes)));
  });

  test('padding of the last packet is taken off, anywhere else it is refused (RFC 3550 §6.4.1)', () => {
    const padded = Uint8Array.of(0xa0, 201, 0, 2, 1, 2, 3, 4, 0, 0, 0, 4);
    expect(parseRtcpCompound(padded)).toMatchObject([{ kind: 'receiver-report', ssrc: 0x01020304 }]);
    expect(parseRtcpCompound(Uint8Array.of(...padded, 0x80, 201, 0, 1, 1, 2, 3, 4))).toBe('bad-padding');
  });

  test.each([
    [[], 'too-short'],
    [[0x40, 201, 0, 0], 'bad-version'],
    [[0x80, 201, 0, 1], 'bad-length'],
    [[0x81, 201, 0, 1, 0, 0, 0, 1], 'malformed'],
    [[0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 65, 66], 'malformed'],
    [[0x82, 203, 0, 1, 0, 0, 0, 1], 'malformed'],
    [[0x80, 204, 0, 1, 0, 0, 0, 1], 'malformed'],
  ])('refuses %j: %s', (bytes, reason) => {
    expect(parseRtcpCompound(Uint8Array.from(bytes))).toBe(reason);
  });

  test('what does not fit the wire is the typed error', () => {
    const wrong: RtcpPacket[] = [
      { kind: 'goodbye', sources: new Array(32).fill(1), reason: undefined },
      { kind: 'goodbye', sources: [1], reason: new Uint8Array(256) },
      { kind: 'application', subtype: 0, ssrc: 1, name: 'five!', data: new Uint8Array(0) },
      { kind: 'unknown', packetType: 207, count: 0, data: new Uint8Array(3) },
    ];
    for (const packet of wrong) {
      expect(() => serializeRtcpCompound([packet])).toThrow(expect.objectContaining({ code: 'rtp.invalid-rtcp' }));
    }
  });
});
