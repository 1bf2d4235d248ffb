import {
  clockRateOf,
  createVoiceDecoder,
  createVoiceEncoder,
  OpusLibrary,
  parseRtcpCompound,
  parseRtpPacket,
  parseTelephoneEvent,
  type RtpPacket,
  sampleRateFor,
  serializeRtcpCompound,
  serializeTelephoneEvent,
  type VoiceCodec,
  writeRtpHeader,
} from '@trustline/rtp';
import { toneAmplitude, toneShare } from '@trustline/testing/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { alice, bob, Party, RelayLab, srtp } from './party.fixture.ts';
import { RateConversion } from './rate-conversion.ts';
import type { SpokenFormats } from './settings.ts';
import { Transcoder } from './transcoder.ts';

let opus: OpusLibrary;
beforeAll(async () => {
  opus = await OpusLibrary.load();
});

const payloadTypes: Readonly<Record<VoiceCodec, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 96 };
const codecs = Object.keys(payloadTypes) as VoiceCodec[];
const pairs = codecs.flatMap((from) => codecs.filter((to) => to !== from).map((to) => [from, to] as const));

function speaks(codec: VoiceCodec, milliseconds = 20, eventClock = 8_000): SpokenFormats {
  const events = [{ payloadType: codec === 'opus' ? 110 : 101, clockRate: eventClock }];
  return { voice: [{ codec, payloadType: payloadTypes[codec] }], events, milliseconds };
}

function packetOf(payloadType: number, number: number, timestamp: number, payload: Uint8Array, marker = false) {
  const packet = new Uint8Array(12 + payload.length);
  writeRtpHeader(packet, marker, payloadType, number & 0xffff, timestamp >>> 0, 0xa);
  packet.set(payload, 12);
  return packet;
}

/** One who speaks a tone in a codec, packet by packet. */
async function speaker(codec: VoiceCodec, milliseconds: number, hertz = 1_000, first = { number: 0, timestamp: 0 }) {
  const rate = sampleRateFor(codec, 16_000);
  const encoder = createVoiceEncoder(codec, rate, opus);
  await new Promise(setImmediate);
  const count = (rate * milliseconds) / 1_000;
  return (index: number) => {
    const samples = Int16Array.from({ length: count }, (_, at) =>
      Math.round(8_000 * Math.sin((2 * Math.PI * hertz * (index * count + at)) / rate)),
    );
    const timestamp = first.timestamp + (index * clockRateOf[codec] * milliseconds) / 1_000;
    return packetOf(payloadTypes[codec], first.number + index, timestamp, encoder.encode(samples));
  };
}

/** One who hears a codec: what the packets have said, at a telephone's rate. */
async function listener(codec: VoiceCodec) {
  const decoder = createVoiceDecoder(codec, 16_000, opus);
  const narrow = new RateConversion(decoder.sampleRate, 8_000);
  await new Promise(setImmediate);
  return (packets: readonly RtpPacket[]) =>
    Int16Array.from(
      packets.flatMap(({ payload }) => [...narrow.process(decoder.decode(payload) ?? new Int16Array(0))]),
    );
}

async function transcoder(from: SpokenFormats, to: SpokenFormats) {
  const made = new Transcoder(from, to, 0xb, opus);
  await new Promise(setImmediate);
  const packets: RtpPacket[] = [];
  return {
    made,
    packets,
    take: (packet: Uint8Array) =>
      made.take(packet, (out) => {
        const parsed = parseRtpPacket(out);
        if (typeof parsed === 'string') throw new Error(parsed);
        packets.push(parsed);
      }),
  };
}

describe('transcoding', () => {
  test.each(pairs)('from %s to %s a tone of 1 kHz is a tone of 1 kHz, as loud as it was', async (from, to) => {
    const { take, packets } = await transcoder(speaks(from), speaks(to));
    const [say, hear] = [await speaker(from, 20), await listener(to)];
    for (let index = 0; index < 100; index++) take(say(index));
    expect(packets).toHaveLength(100);
    const heard = hear(packets).subarray(8_000, 16_000);
    expect(toneAmplitude(heard, 1_000) / 8_000).toBeCloseTo(1, 1);
    expect(toneShare(heard, 1_000)).toBe(1);
    for (const [at, { payloadType, sequenceNumber, timestamp, marker }] of packets.entries()) {
      expect([payloadType, sequenceNumber, timestamp]).toEqual([payloadTypes[to], at, (at * clockRateOf[to]) / 50]);
      expect(marker).toBe(at === 0);
    }
  });

  test.each([
    ['PCMU', 30, 'opus', 20],
    ['opus', 60, 'PCMA', 20],
    ['PCMA', 20, 'G722', 30],
    ['G722', 10, 'opus', 40],
    ['PCMU', 20, 'opus', 30], // Opus has none of 30 ms: it is 20
  ] as const)('%s in packets of %i ms becomes %s in packets of %i', async (from, length, to, wanted) => {
    const { take, packets } = await transcoder(speaks(from, length), speaks(to, wanted));
    const [say, hear] = [await speaker(from, length), await listener(to)];
    for (let index = 0; index < 2_400 / length; index++) take(say(index));
    const told = to === 'opus' && wanted === 30 ? 20 : wanted;
    expect(packets).toHaveLength(2_400 / told);
    const step = (clockRateOf[to] * told) / 1_000;
    expect(packets.every(({ timestamp }, at) => timestamp === at * step)).toBe(true);
    expect(toneShare(hear(packets).subarray(8_000, 16_000), 1_000)).toBe(1);
  });

  test('whatever is lost, the other misses the same, in numbers and in time (property)', async () => {
    const say = await speaker('PCMU', 20, 1_000, { number: 0xfff0, timestamp: 0xffff_f000 });
    const packets = Array.from({ length: 60 }, (_, at) => say(at));
    const arrived = fc.subarray(
      Array.from({ length: 60 }, (_, at) => at),
      { minLength: 2 },
    );
    fc.assert(
      fc.property(arrived, fc.constantFrom('PCMA' as const, 'G722' as const), (arrived, to) => {
        const made = new Transcoder(speaks('PCMU'), speaks(to), 0xb, undefined);
        const out: RtpPacket[] = [];
        for (const at of arrived) {
          made.take((packets[at] as Uint8Array).slice(), (packet) => out.push(parseRtpPacket(packet) as RtpPacket));
        }
        const first = arrived[0] ?? 0;
        expect(out.map(({ sequenceNumber }) => sequenceNumber)).toEqual(arrived.map((at) => at - first));
        expect(out.map(({ timestamp }) => timestamp)).toEqual(arrived.map((at) => (at - first) * 160));
      }),
      { numRuns: 50 },
    );
  });

  test('a packet that comes after a later one, or twice, is left out', async () => {
    const { take, packets } = await transcoder(speaks('PCMU'), speaks('G722'));
    const say = await speaker('PCMU', 20);
    const said = Array.from({ length: 6 }, (_, at) => say(at));
    for (const at of [0, 1, 3, 2, 3, 4, 5]) take(said[at] as Uint8Array);
    expect(packets.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 3, 4, 5]);
  });

  test('RFC 3551 §4.1: after silence the timestamps have gone on, the numbers have not, and the marker says so', async () => {
    const { take, packets } = await transcoder(speaks('PCMU'), speaks('opus'));
    const say = await speaker('PCMU', 20);
    take(say(0));
    take(packetOf(13, 1, 160, Uint8Array.of(70))); // comfort noise is left out
    const later = parseRtpPacket(say(50)) as RtpPacket;
    take(packetOf(0, 2, later.timestamp, later.payload, true));
    expect(packets.map(({ sequenceNumber, timestamp, marker }) => [sequenceNumber, timestamp, marker])).toEqual([
      [0, 0, true],
      [1, 50 * 960, true],
    ]);
  });

  test('one who is replaced by another, or begins anew, goes on in the same stream', async () => {
    const { take, packets } = await transcoder(speaks('PCMU'), speaks('PCMA'));
    const [say, again] = [
      await speaker('PCMU', 20),
      await speaker('PCMU', 20, 1_000, { number: 30_000, timestamp: 7 }),
    ];
    take(say(0));
    const other = again(0);
    other.set([1, 2, 3, 4], 8); // its SSRC
    take(other);
    expect(packets.map(({ sequenceNumber, marker, ssrc }) => [sequenceNumber, marker, ssrc])).toEqual([
      [0, true, 0xb],
      [1, true, 0xb],
    ]);
  });

  test.each([
    [8_000, 48_000],
    [48_000, 8_000],
  ])('RFC 4733 §2.3: a digit whose clock is %i Hz has durations by that of %i', async (from, to) => {
    const { take, packets } = await transcoder(speaks('PCMU', 20, from), speaks('opus', 20, to));
    const say = await speaker('PCMU', 20);
    take(say(0));
    take(say(1));
    for (const [at, end] of [
      [1, false],
      [2, false],
      [3, true],
    ] as const) {
      const payload = serializeTelephoneEvent({ event: 5, end, volume: 10, duration: (at * from) / 50 });
      take(packetOf(101, 1 + at, 320, payload, at === 1));
    }
    const after = parseRtpPacket(say(8)) as RtpPacket;
    take(packetOf(0, 5, after.timestamp, after.payload, true));
    const events = packets.filter(({ payloadType }) => payloadType === 110);
    expect(events.map(({ payload }) => parseTelephoneEvent(payload))).toEqual(
      [1, 2, 3].map((at) => ({ event: 5, end: at === 3, volume: 10, duration: (at * to) / 50 })),
    );
    expect(events.map(({ timestamp, marker }) => [timestamp, marker])).toEqual([
      [2 * 960, true],
      [2 * 960, false],
      [2 * 960, false],
    ]);
    expect(packets.at(-1)).toMatchObject({ payloadType: 96, sequenceNumber: 5, timestamp: 8 * 960 });
  });

  test('two digits without voice between them are two: each has a timestamp of its own', async () => {
    const { take, packets } = await transcoder(speaks('PCMU'), speaks('opus'));
    for (const [at, event] of [1, 2].entries()) {
      const payload = serializeTelephoneEvent({ event, end: true, volume: 10, duration: 800 });
      take(packetOf(101, at, 1_000 + at * 1_600, payload, true));
    }
    expect(new Set(packets.map(({ timestamp }) => timestamp)).size).toBe(2);
  });

  test('what is no packet of the codec, and a payload type that was not agreed on, is left out', async () => {
    const { take, packets } = await transcoder(speaks('opus'), speaks('PCMU'));
    take(packetOf(96, 0, 0, Uint8Array.of(0xff, 0x00)));
    take(packetOf(0, 1, 960, new Uint8Array(160)));
    take(packetOf(96, 2, 1_920, new Uint8Array(0)));
    take(Uint8Array.of(0x80));
    expect(packets).toEqual([]);
  });
});

describe('transcoding in the relay', () => {
  /** SRTP and Opus on one side, G.711 in the clear on the other. */
  async function lab() {
    const made = new RelayLab(
      { protection: srtp(1, 2), speaks: speaks('opus') },
      { speaks: speaks('PCMU') },
      undefined,
      opus,
    );
    await new Promise(setImmediate);
    return { lab: made, secure: new Party(0xa, alice, 1, 2), plain: new Party(0xb, bob) };
  }

  function protectedBy(party: Party, packet: Uint8Array): Uint8Array {
    const out = new Uint8Array(packet.byteLength + 16);
    return out.subarray(0, party.sender?.protect(packet, out));
  }

  test('each hears the other in its own codec, the one under its keys, and neither in any other', async () => {
    const { lab: relay, secure, plain } = await lab();
    const [sayOpus, sayLaw] = [await speaker('opus', 20), await speaker('PCMU', 20, 600)];
    const [hearOpus, hearLaw] = [await listener('opus'), await listener('PCMU')];
    const [atPlain, atSecure]: [RtpPacket[], RtpPacket[]] = [[], []];
    for (let index = 0; index < 100; index++) {
      for (const { datagram } of relay.receive(1, protectedBy(secure, sayOpus(index)))) {
        plain.hears(datagram);
        atPlain.push(parseRtpPacket(datagram) as RtpPacket);
      }
      for (const { datagram } of relay.receive(2, sayLaw(index))) {
        const opened = datagram.slice();
        const length = secure.receiver?.unprotect(opened, opened);
        if (typeof length !== 'number') throw new Error('it was not under its key');
        atSecure.push(parseRtpPacket(opened.subarray(0, length)) as RtpPacket);
      }
    }
    expect(toneShare(hearLaw(atPlain).subarray(8_000, 16_000), 1_000)).toBe(1);
    expect(toneShare(hearOpus(atSecure).subarray(8_000, 16_000), 600)).toBe(1);
    expect(new Set(atPlain.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    expect(new Set(atSecure.map(({ payloadType }) => payloadType))).toEqual(new Set([96]));
  });

  test('where both speak the same again, packets go on as they are', async () => {
    const { lab: relay, plain } = await lab();
    relay.set(1, { speaks: speaks('PCMU') });
    const [sent] = relay.receive(2, plain.rtp(3, 'x'.repeat(160)));
    expect(sent?.datagram.subarray(12)).toEqual(new Uint8Array(160).fill(0x78));
  });

  test('RFC 3550 §7.2: reports tell of the stream that each knows, in its clock and by its counts', async () => {
    const { lab: relay } = await lab();
    const say = await speaker('PCMU', 20);
    let last: RtpPacket | undefined;
    relay.set(1, { speaks: speaks('opus') });
    for (let index = 0; index < 5; index++) {
      for (const { datagram } of relay.receive(2, say(index))) last = parseRtpPacket(datagram) as RtpPacket;
    }
    const report = serializeRtcpCompound([
      {
        kind: 'sender-report',
        ssrc: 0xa,
        ntp: { seconds: 1, fraction: 0 },
        rtpTimestamp: 5 * 160,
        packetCount: 5,
        octetCount: 800,
        reports: [],
        extension: new Uint8Array(0),
      },
    ]);
    const [sent] = relay.receive(2, report, undefined, 'rtcp');
    const parsed = parseRtcpCompound(sent?.datagram as Uint8Array);
    const rtpTimestamp = ((last?.timestamp ?? 0) + 960) >>> 0;
    expect(parsed).toMatchObject([{ ssrc: last?.ssrc, rtpTimestamp, packetCount: 5 }]);
    expect(last?.payload.length).toBeLessThan(160);
  });
});
