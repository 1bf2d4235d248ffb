import { serializeRtpPacket } from '@trustline/rtp';
import { describe, expect, test } from 'vitest';
import { Observations } from '../model/observations.ts';
import { MediaStreams } from './media-streams.ts';

const key = {
  source: { address: '192.0.2.1', port: 40_000 },
  destination: { address: '192.0.2.2', port: 40_002 },
  protocol: 17,
  tunnel: 0,
  interface: 0,
};

interface Sent {
  readonly sequenceNumber: number;
  /** Milliseconds later than it should be. */
  readonly delay?: number;
  readonly ssrc?: number;
  readonly payloadType?: number;
}

/** Packets of 20 ms in the order given; returns what is said of their streams. */
function reportsOf(sent: readonly Sent[]) {
  const streams = new MediaStreams({ observations: new Observations() });
  const watch = streams.watch(key);
  const start = sent[0]?.sequenceNumber ?? 0;
  for (const [at, { sequenceNumber, delay = 0, ssrc = 7, payloadType = 0 }] of sent.entries()) {
    const nth = (sequenceNumber - start) & 0xffff;
    const datagram = serializeRtpPacket({
      marker: false,
      payloadType,
      sequenceNumber,
      timestamp: (160 * nth) >>> 0,
      ssrc,
      csrcs: [],
      extension: undefined,
      payload: new Uint8Array(160),
      paddingLength: 0,
    });
    watch.datagram(datagram, { number: at + 1, microseconds: 20_000 * nth + 1_000 * delay });
  }
  return streams.streams();
}
const from = (first: number, count: number) =>
  Array.from({ length: count }, (_, at): Sent => ({ sequenceNumber: (first + at) & 0xffff }));

test('a stream is told by its ends, its SSRC, and where it begins and ends', () => {
  expect(reportsOf(from(65_530, 20))).toMatchObject([
    {
      source: key.source,
      destination: key.destination,
      ssrc: 7,
      payloadTypes: [0],
      packets: 20,
      lost: 0,
      repeated: 0,
      late: 0,
      octets: 20 * 172,
      first: { number: 1, microseconds: 0 },
      last: { number: 20, microseconds: 380_000 },
      delta: { mean: 20, most: 20 },
      jitter: { mean: 0, most: 0 },
    },
  ]);
});

describe('of packets', () => {
  test('those that never came are lost, and no others', () => {
    const sent = from(100, 50).filter((_, at) => at !== 10 && at !== 30 && at !== 31);
    expect(reportsOf(sent)[0]).toMatchObject({ packets: 47, lost: 3, late: 0, repeated: 0 });
  });

  test('those that came late are not lost, and those that came twice make up for no loss', () => {
    const sent = from(65_500, 80);
    const [moved] = sent.splice(20, 1);
    sent.splice(25, 0, ...(moved === undefined ? [] : [moved, moved]));
    sent.splice(60, 1);
    expect(reportsOf(sent)[0]).toMatchObject({ packets: 80, lost: 1, late: 1, repeated: 1 });
  });

  test('RFC 3550 A.1: after a jump backwards the sender has begun anew, and nothing between is lost', () => {
    const reports = reportsOf([...from(30_000, 20), ...from(100, 20)]);
    expect(reports[0]).toMatchObject({ packets: 40, lost: 0 });
  });
});

test('RFC 3550 §6.4.1: jitter is the mean deviation of the spacing, a sixteenth at a time', () => {
  const sent = from(0, 10).map((packet, at) => (at === 5 ? { ...packet, delay: 16 } : packet));
  const [report] = reportsOf(sent);
  // 16 ms late, then 16 ms early.
  expect(report?.jitter?.most).toBeCloseTo(1 + 15 / 16);
  expect(report?.delta.most).toBe(36);
});

test('two senders behind one port are two streams', () => {
  const sent = [...from(5, 10), ...from(9_000, 10).map((packet) => ({ ...packet, ssrc: 8 }))];
  expect(reportsOf(sent).map(({ ssrc, packets }) => [ssrc, packets])).toEqual([
    [7, 10],
    [8, 10],
  ]);
});

test('octets that only look like RTP are none', () => {
  const random = from(0, 400).map((_, at) => ({
    sequenceNumber: (at * 7_919) & 0xffff,
    ssrc: at % 3,
    payloadType: (at * 31) & 0x7f,
  }));
  expect(reportsOf(random)).toEqual([]);
  expect(reportsOf(from(0, 4))).toEqual([]);
});
