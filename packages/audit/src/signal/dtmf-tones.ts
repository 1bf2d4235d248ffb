import { goertzelEnergy } from './tone.ts';

export interface ToneDigit {
  readonly digit: string;
  /** Where it begins and ends, to within a block of 13 ms. */
  readonly fromSample: number;
  readonly toSample: number;
}

/** ITU-T Q.23. */
const ROWS = [697, 770, 852, 941] as const;
const COLUMNS = [1209, 1336, 1477, 1633] as const;
const KEYPAD = ['123A', '456B', '789C', '*0#D'] as const;

/** 25.6 ms, of which two that overlap by half must agree: a digit of 40 ms is heard (Q.24), one of 23 is not. */
const BLOCK_SECONDS = 0.0256;
const BLOCKS_TO_BEGIN = 2;
/** Part of a block's energy that lies in the two tones; in speech it spreads. */
const MINIMUM_SHARE = 0.75;
/** Ratios of energy: the strongest of a group above the next (6 dB), and the two groups to each other (twist, 8 dB). */
const MINIMUM_ABOVE_NEXT = 4;
const MAXIMUM_TWIST = 6.3;
/** Of a block's energy the least in each half: a tone that fills less of it is shorter than a digit. */
const MINIMUM_HALF = 0.25;
/** Mean square below which nothing is heard: about -46 dBm0. */
const MINIMUM_POWER = 100 * 100;

/** The DTMF digits that sound in the audio, as a tap with a tone decoder hears them. */
export function detectDtmfTones(samples: Int16Array, sampleRate: number): ToneDigit[] {
  const length = Math.round(BLOCK_SECONDS * sampleRate);
  const hop = length >> 1;
  const digits: ToneDigit[] = [];
  let current: { digit: string | undefined; fromSample: number; blocks: number } | undefined;
  const finish = (toSample: number) => {
    if (current?.digit !== undefined && current.blocks >= BLOCKS_TO_BEGIN) {
      digits.push({ digit: current.digit, fromSample: current.fromSample, toSample });
    }
  };
  let at = 0;
  for (; at + length <= samples.length; at += hop) {
    const digit = digitOf(samples.subarray(at, at + length), sampleRate);
    if (current !== undefined && digit === current.digit) {
      current.blocks++;
      continue;
    }
    finish(at - hop + length);
    current = { digit, fromSample: at, blocks: 1 };
  }
  finish(Math.min(samples.length, at - hop + length));
  return digits;
}

function digitOf(block: Int16Array, sampleRate: number): string | undefined {
  const firstHalf = energyOf(block.subarray(0, block.length >> 1));
  const total = firstHalf + energyOf(block.subarray(block.length >> 1));
  if (total < MINIMUM_POWER * block.length) return undefined;
  if (firstHalf < MINIMUM_HALF * total || firstHalf > (1 - MINIMUM_HALF) * total) return undefined;
  const row = strongest(block, sampleRate, ROWS);
  const column = strongest(block, sampleRate, COLUMNS);
  if (row === undefined || column === undefined) return undefined;
  if (row.energy + column.energy < MINIMUM_SHARE * total) return undefined;
  if (row.energy > MAXIMUM_TWIST * column.energy) return undefined;
  if (column.energy > MAXIMUM_TWIST * row.energy) return undefined;
  return KEYPAD[row.index]?.[column.index];
}

function energyOf(samples: Int16Array): number {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  return energy;
}

/** The strongest frequency of a group, if it stands clear of the others. */
function strongest(
  block: Int16Array,
  sampleRate: number,
  frequencies: readonly number[],
): { readonly index: number; readonly energy: number } | undefined {
  const energies = frequencies.map((frequency) => goertzelEnergy(block, sampleRate, frequency));
  const energy = Math.max(...energies);
  const index = energies.indexOf(energy);
  const isClear = energies.every((other, at) => at === index || other * MINIMUM_ABOVE_NEXT <= energy);
  return isClear ? { index, energy } : undefined;
}
