import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRtcp, parseRtpPacket, RtpHeaderView, type RtpPacket, serializeRtpPacket, writeRtpHeader } from './packet.ts';

const uint32 = fc.nat({ max: 0xffff_ffff });
const packets: fc.Arbitrary<RtpPacket> = fc.record({
  marker: fc.boolean(),
  payloadType: fc.nat({ max: 127 }),
  sequenceNumber: fc.nat({ max: 65_535 }),
  timestamp: uint32,
  ssrc: uint32,
  csrcs: fc.array(uint32, { maxLength: 15 }),
  extension: fc.option(
    fc.record({
      profile: fc.nat({ max: 0xffff }),
      data: fc.array(uint32, { maxLength: 5 }).map((words) => new Uint8Array(Uint32Array.from(words).buffer)),
    }),
    { nil: undefined },
  ),
  payload: fc.uint8Array({ maxLength: 60 }),
  paddingLength: fc.nat({ max: 255 }),
});

describe('RTP packets (RFC 3550 §5.1)', () => {
  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(parseRtpPacket(serializeRtpPacket(packet))).toEqual(packet);
      }),
    );
  });

  test('the view that allocates nothing reads what the parser reads', () => {
    const view = new RtpHeaderView();
    fc.assert(
      fc.property(packets, (packet) => {
        const bytes = serializeRtpPacket(packet);
        expect(view.read(bytes)).toBeUndefined();
        const { marker, payloadType, sequenceNumber, timestamp, ssrc, payloadOffset, payloadLength } = view;
        expect({ marker, payloadType, sequenceNumber, timestamp, ssrc }).toEqual({
          marker: packet.marker,
          payloadType: packet.payloadType,
          sequenceNumber: packet.sequenceNumber,
          timestamp: packet.timestamp,
          ssrc: packet.ssrc,
        });
        expect(bytes.subarray(payloadOffset, payloadOffset + payloadLength)).toEqual(packet.payload);
      }),
    );
  });

  test('every truncation and any octets are read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), packets.map(serializeRtpPacket)), fc.nat({ max: 100 }), (bytes, cut) => {
        const outcome = parseRtpPacket(bytes.subarray(0, Math.max(0, bytes.length - cut)));
        if (typeof outcome !== 'string') expect(outcome.payload.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  const header = (first: number, ...rest: number[]) => Uint8Array.of(first, 0, ...new Array(10).fill(0), ...rest);
  test.each([
    [new Uint8Array(11), 'too-short'],
    [header(0x40), 'bad-version'],
    [header(0x81), 'truncated-csrc'],
    [header(0x90, 0, 0), 'truncated-extension'],
    [header(0x90, 0, 0, 0, 1), 'truncated-extension'],
    [header(0xa0), 'bad-padding'],
    [header(0xa0, 1, 0), 'bad-padding'],
    [header(0xa0, 3), 'bad-padding'],
  ])('refuses %s: %s', (bytes, reason) => {
    expect(parseRtpPacket(bytes)).toBe(reason);
  });

  test('the header of the media path is that of a plain packet', () => {
    const out = new Uint8Array(12);
    writeRtpHeader(out, true, 8, 65_535, 0xffff_fff0, 0x8000_0001);
    const plain = { csrcs: [], extension: undefined, payload: new Uint8Array(0), paddingLength: 0 };
    expect(out).toEqual(
      serializeRtpPacket({
        marker: true,
        payloadType: 8,
        sequenceNumber: 65_535,
        timestamp: 0xffff_fff0,
        ssrc: 0x8000_0001,
        ...plain,
      }),
    );
    expect([isRtcp(out), isRtcp(Uint8Array.of(0x80, 200)), isRtcp(new Uint8Array(1))]).toEqual([false, true, false]);
  });

  test('a field that does not fit is the typed error', () => {
    const packet = parseRtpPacket(new Uint8Array(12).with(0, 0x80)) as RtpPacket;
    for (const wrong of [
      { payloadType: 128 },
      { ssrc: -1 },
      { csrcs: new Array(16).fill(0) },
      { paddingLength: 256 },
    ]) {
      expect(() => serializeRtpPacket({ ...packet, ...wrong })).toThrow(
        expect.objectContaining({ code: 'rtp.invalid-packet' }),
      );
    }
  });
});
