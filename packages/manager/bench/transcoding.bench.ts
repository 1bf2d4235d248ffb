/**
 * What transcoding costs a processor core: packets of 20 ms, both directions of a call, through the relay, with SRTP on both sides
 * and on neither. Sockets are not in it: they cost what they cost any relayed call (`relay`).
 *
 *     npm run bench -- transcoding
 */
import {
  clockRateOf,
  createVoiceEncoder,
  OpusLibrary,
  sampleRateFor,
  type VoiceCodec,
  writeRtpHeader,
} from '@trustline/rtp';
import { alice, bob, Party, RelayLab, srtp } from '../src/media/party.fixture.ts';
import type { SpokenFormats } from '../src/media/settings.ts';

/** Of a call that are measured, after those in which the code is compiled. */
const [seconds, warmUpSeconds] = [30, 20];
const packetsPerSecond = 50;
const payloadTypes: Readonly<Record<VoiceCodec, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 96 };
const pairs: readonly (readonly [VoiceCodec, VoiceCodec])[] = [
  ['PCMU', 'PCMA'],
  ['PCMU', 'G722'],
  ['PCMU', 'opus'],
  ['G722', 'opus'],
];
const opus = await OpusLibrary.load();

function speaks(codec: VoiceCodec): SpokenFormats {
  return { voice: [{ codec, payloadType: payloadTypes[codec] }], events: [], milliseconds: 20 };
}

/** A second of something like voice, in payloads: tones that rise and fall, loud and soft. */
async function payloadsIn(codec: VoiceCodec): Promise<readonly Uint8Array[]> {
  const rate = sampleRateFor(codec, 16_000);
  const encoder = createVoiceEncoder(codec, rate, opus);
  await new Promise(setImmediate);
  const count = rate / packetsPerSecond;
  return Array.from({ length: packetsPerSecond }, (_, packet) =>
    encoder.encode(
      Int16Array.from({ length: count }, (_, at) => {
        const time = (packet * count + at) / rate;
        const loudness = 4_000 * (1.2 + Math.sin(2 * Math.PI * 3 * time));
        const pitch = 140 + 30 * Math.sin(2 * Math.PI * time);
        return Math.round(
          loudness * (Math.sin(2 * Math.PI * pitch * time) + 0.5 * Math.sin(2 * Math.PI * 7 * pitch * time)),
        );
      }),
    ),
  );
}

/** Microseconds for a packet in each direction, of a call between two codecs. */
async function measure(one: VoiceCodec, other: VoiceCodec, isSecure: boolean): Promise<number> {
  const protection = isSecure ? { one: { protection: srtp(1, 2) }, other: { protection: srtp(3, 4) } } : undefined;
  const lab = new RelayLab(
    { ...protection?.one, speaks: speaks(one) },
    { ...protection?.other, speaks: speaks(other) },
    undefined,
    opus,
  );
  const parties = [
    isSecure ? new Party(0xa, alice, 1, 2) : new Party(0xa, alice),
    isSecure ? new Party(0xb, bob, 3, 4) : new Party(0xb, bob),
  ] as const;
  const codecs = [one, other] as const;
  const payloads = [await payloadsIn(one), await payloadsIn(other)] as const;
  const packetOf = (side: 0 | 1, number: number): Uint8Array => {
    const payload = payloads[side][number % packetsPerSecond] as Uint8Array;
    const packet = new Uint8Array(12 + payload.length + 16);
    const clear = packet.subarray(0, 12 + payload.length);
    const timestamp = (number * clockRateOf[codecs[side]]) / packetsPerSecond;
    writeRtpHeader(clear, false, payloadTypes[codecs[side]], number, timestamp, 0xa + side);
    clear.set(payload, 12);
    const { sender } = parties[side];
    return sender === undefined ? clear : packet.subarray(0, sender.protect(clear, packet));
  };
  const total = (warmUpSeconds + seconds) * packetsPerSecond;
  const packets = Array.from({ length: total }, (_, number) => [packetOf(0, number), packetOf(1, number)] as const);
  let begun = process.threadCpuUsage();
  for (const [number, [toOne, toOther]] of packets.entries()) {
    if (number === warmUpSeconds * packetsPerSecond) begun = process.threadCpuUsage();
    lab.receive(1, toOne);
    lab.receive(2, toOther);
  }
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / (seconds * packetsPerSecond * 2);
}

const rows: { pair: string; srtp: boolean; microsecondsPerPacket: number; callsPerCore: number }[] = [];
for (const [one, other] of pairs) {
  for (const isSecure of [false, true]) {
    const microseconds = await measure(one, other, isSecure);
    const callsPerCore = Math.floor(1_000_000 / (microseconds * 2 * packetsPerSecond));
    rows.push({
      pair: `${one} - ${other}`,
      srtp: isSecure,
      microsecondsPerPacket: Math.round(microseconds),
      callsPerCore,
    });
  }
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ schema: 1, rows }, undefined, 2)}\n`);
else {
  for (const { pair, srtp: isSecure, microsecondsPerPacket, callsPerCore } of rows) {
    const how = isSecure ? 'SRTP' : 'RTP';
    process.stdout.write(
      `${pair.padEnd(14)} ${how.padEnd(5)} ${microsecondsPerPacket} µs a packet, ${callsPerCore} calls a core\n`,
    );
  }
}
