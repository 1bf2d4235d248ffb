import { correlateAtBestLag, type HeardFlow, Tap, type TapKey } from '@trustline/audit';
import type { CapturedPacket, TransportAddress } from '@trustline/capture';
import { readCaptureFile } from '@trustline/capture/node';
import { nodeCrypto } from '@trustline/srtp/node';
import { type End, eachEnd, MAXIMUM_LAG_SECONDS } from './plan.ts';

/** What one end said, and between which sockets it travelled. */
export interface SaidDirection {
  /** At 8 kHz. */
  readonly speech: Int16Array;
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  /** Within which the lag is sought. */
  readonly maximumLagSeconds: number;
}

/** What a tap heard of one direction. The packets were captured at both ends, and each capture is listened to. */
export interface TappedDirection {
  /** Names of the interfaces that captured it. */
  readonly interfaces: readonly string[];
  /** Packets captured, at the interface that captured fewest. */
  readonly packets: number;
  /** Seconds of speech that were compared at the lag found, at the interface where it was least. */
  readonly seconds: number;
  /** Magnitudes of the correlation with what was said: of the capture that is most like it, and of the least. */
  readonly highest: number;
  readonly lowest: number;
  /** Digits read from events or heard as tones, of the capture that shows most. */
  readonly digits: string;
  /** Captures that a key opened. */
  readonly opened: number;
  /** What is heard, to be kept as WAV. */
  readonly samples: Int16Array;
}

const SAMPLE_RATE = 8_000;

/** Every packet of a capture file. */
export async function readPackets(path: string): Promise<CapturedPacket[]> {
  const packets: CapturedPacket[] = [];
  for await (const item of readCaptureFile(path)) if (item.kind === 'packet') packets.push(item);
  return packets;
}

/** Listens as somebody on the line would, with the keys that are given. */
export function hear(packets: readonly CapturedPacket[], keys: readonly TapKey[]): readonly HeardFlow[] {
  const tap = new Tap(keys.length === 0 ? {} : { keys, crypto: nodeCrypto });
  for (const packet of packets) tap.handle(packet);
  return [...tap.heard()];
}

/** Compares both directions of a call with what was said in it. */
export function compare(
  flows: readonly HeardFlow[],
  directions: Readonly<Record<End, SaidDirection>>,
): Readonly<Record<End, TappedDirection>> {
  return eachEnd((end) => {
    const direction = directions[end];
    return tapped(
      direction.speech,
      flows.filter((flow) => isBetween(flow, direction)),
      direction.maximumLagSeconds,
    );
  });
}

/** Compares what was said with each flow that may carry it. */
export function tapped(
  speech: Int16Array,
  flows: readonly HeardFlow[],
  maximumLagSeconds = MAXIMUM_LAG_SECONDS,
): TappedDirection {
  const maximumLagSamples = maximumLagSeconds * SAMPLE_RATE;
  const found = flows.map((flow) => correlateAtBestLag(speech, flow.samples, { maximumLagSamples }));
  const magnitudes = found.map(({ correlation }) => Math.abs(correlation));
  const digits = flows.map(({ eventDigits, toneDigits }) => eventDigits + toneDigits);
  return {
    interfaces: [...new Set(flows.map((flow) => flow.interface ?? ''))].sort(),
    packets: least(flows.map((flow) => flow.packets)),
    seconds: least(found.map(({ overlapSamples }) => overlapSamples)) / SAMPLE_RATE,
    highest: Math.max(0, ...magnitudes),
    lowest: least(magnitudes),
    digits: digits.sort((a, b) => b.length - a.length)[0] ?? '',
    opened: flows.filter(({ opened }) => opened.kind === 'with-key').length,
    samples: flows[0]?.samples ?? new Int16Array(0),
  };
}

/**
 * How much of what was said is in what a phone played, from 0 to 1: the median over its seconds, each at its own lag,
 * for the jitter buffer makes the delay longer and shorter while somebody speaks.
 */
export function likeness(speech: Int16Array, played: Int16Array, maximumLagSeconds = MAXIMUM_LAG_SECONDS): number {
  const maximumLagSamples = maximumLagSeconds * SAMPLE_RATE;
  const found: number[] = [];
  for (let from = 0; from + SAMPLE_RATE <= speech.length; from += SAMPLE_RATE) {
    const around = played.subarray(Math.max(0, from - maximumLagSamples), from + SAMPLE_RATE + maximumLagSamples);
    const second = speech.subarray(from, from + SAMPLE_RATE);
    found.push(Math.abs(correlateAtBestLag(second, around, { maximumLagSamples: 2 * maximumLagSamples }).correlation));
  }
  return found.sort((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
}

/** A tap that found nothing has nothing to show: its least figure is 0. */
function least(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.min(...values);
}

function isBetween(flow: HeardFlow, { source, destination }: SaidDirection): boolean {
  return isSame(flow.source, source) && isSame(flow.destination, destination);
}

export function isSame(one: TransportAddress, other: TransportAddress): boolean {
  return one.address === other.address && one.port === other.port;
}
