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
  const digits: ToneDigit[] = [];
  const reader = new DtmfToneReader(sampleRate, (tone) => digits.push(tone));
  reader.push(samples, 0, samples.length);
  return digits;
}

/** Ten milliseconds of two tones cross zero between so many times: the lower 14, the upper 33, and a few for noise. */
const FEWEST_CROSSINGS = 10;
const MOST_CROSSINGS = 37;
/** The square of the peak over the mean square: 4 for two equal tones, 3.4 at the greatest twist, less in a short piece of it. */
const LEAST_CREST = 1.7;
const MOST_CREST = 5;

/**
 * Whether so many samples, of 10 ms, can be of a digit: by the sum of their squares, the greatest magnitude, and how often the
 * sign changes. Of speech most cannot, and nothing more is computed of it.
 */
export function mayBeTones(energy: number, peak: number, crossings: number, samples: number): boolean {
  if (energy < MINIMUM_POWER * samples || crossings < FEWEST_CROSSINGS || crossings > MOST_CROSSINGS) return false;
  const crest = (peak * peak * samples) / energy;
  return crest >= LEAST_CREST && crest <= MOST_CREST;
}

interface CurrentTone {
  readonly digit: string;
  readonly fromSample: number;
  blocks: number;
  reported: { digit: string; fromSample: number; toSample: number } | undefined;
}

/** A pause that is shorter than any between two digits (Q.24): what follows it goes on. */
const LONGEST_INTERRUPTION_SECONDS = 0.04;

/** Reads digits of samples that come piece by piece. A digit is told once it has begun; where it ends is written to it later. */
export class DtmfToneReader {
  readonly #rate: number;
  readonly #tell: (tone: ToneDigit) => void;
  readonly #length: number;
  readonly #hop: number;
  readonly #window: Int16Array;
  #filled = 0;
  /** Of the first sample of the window. */
  #position = 0;
  /** Behind the last block that may be of tones. */
  #tonesTo = -1;
  #current: CurrentTone | undefined;

  constructor(sampleRate: number, tell: (tone: ToneDigit) => void) {
    this.#rate = sampleRate;
    this.#tell = tell;
    this.#length = Math.round(BLOCK_SECONDS * sampleRate);
    this.#hop = this.#length >> 1;
    this.#window = new Int16Array(this.#length);
  }

  /** Samples of which nothing is known yet. */
  push(samples: Int16Array, from: number, to: number): void {
    this.block(samples, from, to, true);
  }

  /** Samples of at most 10 ms, of which {@link mayBeTones} was asked. */
  block(samples: Int16Array, from: number, to: number, mayBeTone: boolean): void {
    const [window, length] = [this.#window, this.#length];
    let filled = this.#filled;
    for (let at = from; at < to; at++) {
      window[filled++] = samples[at] as number;
      if (mayBeTone) this.#tonesTo = this.#position + filled;
      if (filled < length) continue;
      this.#hear();
      window.copyWithin(0, this.#hop);
      this.#position += this.#hop;
      filled = length - this.#hop;
    }
    this.#filled = filled;
  }

  /** Samples that are missing. */
  gap(samples: number): void {
    this.#position += this.#filled + samples;
    this.#filled = 0;
    if (samples > LONGEST_INTERRUPTION_SECONDS * this.#rate) this.#current = undefined;
  }

  #hear(): void {
    const digit = this.#tonesTo > this.#position ? digitOf(this.#window, this.#rate) : undefined;
    const current = this.#current;
    if (digit === undefined) {
      this.#current = undefined;
      return;
    }
    if (current === undefined || current.digit !== digit) {
      this.#current = { digit, fromSample: this.#position, blocks: 1, reported: undefined };
      return;
    }
    current.blocks++;
    const toSample = this.#position + this.#length;
    if (current.reported !== undefined) current.reported.toSample = toSample;
    else if (current.blocks >= BLOCKS_TO_BEGIN) {
      current.reported = { digit, fromSample: current.fromSample, toSample };
      this.#tell(current.reported);
    }
  }
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
