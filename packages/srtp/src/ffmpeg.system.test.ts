import { describe, expect, test } from 'vitest';
import { ffmpegOpens, ffmpegSends, ffmpegSuites, missingFfmpeg } from './testing/ffmpeg.fixture.ts';
import { expectOpened, interopKey, ourselves } from './testing/interop.fixture.ts';
import { octets, rtpPacket } from './testing/octets.ts';
import { requireForeign } from './testing/peer-program.fixture.ts';
import { arriving, disturbed, forwardOnly, type Packet, TRAFFIC_PACKETS } from './testing/traffic.fixture.ts';

// FFmpeg has an SRTP of its own, of two suites, without MKI.
const missing = missingFfmpeg();
const suites = Object.keys(ffmpegSuites) as (keyof typeof ffmpegSuites)[];
const SSRC = 0x1234_5678;

describe.each(suites)('against FFmpeg, %s', (suite) => {
  const master = interopKey(suite, 1);
  const ours = ourselves(suite, [master]);

  // Neither reordering nor repetition: FFmpeg 5.1 has no replay window, authenticates what is late across a rollover
  // with the new rollover counter, and takes any step back for a rollover. What it would do is its own affair.
  test('FFmpeg opens what we protect, byte for byte, through loss, damage and rollovers, and our BYE', async (context) => {
    requireForeign(missing, context);
    const step = Math.ceil((3 * 65_536) / TRAFFIC_PACKETS);
    const packets = Array.from(
      { length: TRAFFIC_PACKETS },
      (_, i): Packet => ({ kind: 'rtp', octets: rtpPacket(SSRC, 30_000 + i * step, 1 + (i % 200)) }),
    );
    // An empty receiver report in front, as RFC 3550 §6.1 wants it.
    const bye: Packet = { kind: 'rtcp', octets: octets('80c900011234567881cb000112345678') };
    const sealed = ours.protect([...packets, bye]);
    const deliveries = forwardOnly(packets.length);
    const sound = await ffmpegOpens(
      suite,
      master,
      deliveries.map((delivery) => arriving(delivery, sealed)),
      sealed.at(-1) as Uint8Array,
    );
    const sent = deliveries
      .filter(({ what }) => what === 'fresh')
      .map(({ position }) => (packets[position] as Packet).octets.subarray(12));
    expect(sound.equals(Buffer.concat(sent))).toBe(true);
  });

  test('we open what FFmpeg protects, byte for byte, through loss, reordering, repetition, damage and rollovers', async (context) => {
    requireForeign(missing, context);
    const sound = Uint8Array.from({ length: TRAFFIC_PACKETS * 160 }, (_, i) => i ^ (i >>> 7) ^ (i >>> 15));
    const { rtp, rtcp } = await ffmpegSends(suite, master, sound, SSRC, 65_000);
    // The header is sent in the clear; the payload is the sound's next octets.
    const packets = rtp.map(
      (packet, i): Packet => ({
        kind: 'rtp',
        octets: Buffer.concat([packet.subarray(0, 12), sound.subarray(i * 160, (i + 1) * 160)]),
      }),
    );
    expectOpened('FFmpeg', rtp, ours, packets, disturbed(packets.length));

    const reports = ours.open(rtcp.map((report) => ({ kind: 'rtcp', octets: report })));
    // RFC 3550 §6.4.1: a sender report of this SSRC, and how many packets it says were sent until then.
    const [first, last] = [reports[0], reports.at(-1)].map((report) => report && Buffer.from(report));
    expect(first?.readUInt16BE(0)).toBe(0x80c8);
    expect(last?.readUInt32BE(4)).toBe(SSRC);
    expect(last?.readUInt32BE(20)).toBe(packets.length);
    expect(last?.readUInt16BE(28)).toBe(0x81cb); // BYE (§6.6)
  });
});
