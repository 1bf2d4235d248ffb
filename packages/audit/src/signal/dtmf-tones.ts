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
  reader.push(samples, 0, samples.length, samples.length);
  return digits;
}

/** Ten milliseconds of two tones cross zero between so many times: the lower 13 or 14, the upper 33, and a few for noise. */
const FEWEST_CROSSINGS = 12;
const MOST_CROSSINGS = 37;
/** The square of the peak over the mean square: 4 for two equal tones, 3.4 at the greatest twist, less in a short piece of it. */
const LEAST_CREST = 1.7;
const MOST_CREST = 5;

/**
 * Whether so many samples, of 10 ms, can be of a digit: by the sum of their squares and the greatest magnitude. Of speech most
 * cannot, and nothing more is computed of it.
 */
export function mayBeTones(energy: number, peak: number, samples: number): boolean {
  if (energy < MINIMUM_POWER * samples) return false;
  const crest = (peak * peak * samples) / energy;
  return crest >= LEAST_CREST && crest <= MOST_CREST;
}

/** Of the energy of 10 ms the least that lies in the strongest of each group, and in both together: half as much as of a block, for tones spread there. */
const LEAST_OF_A_GROUP = 0.03;
const LEAST_OF_BOTH = 0.4;

/** The same by how often their sign changes. */
export function mayCrossLikeTones(crossings: number): boolean {
  return crossings >= FEWEST_CROSSINGS && crossings <= MOST_CROSSINGS;
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
  /** Made when there is something to listen to: of most streams there is nothing. */
  #window: Int16Array | undefined;
  readonly #rows: FourTones;
  readonly #columns: FourTones;
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
    const { rows, columns } = tonesAt(sampleRate);
    this.#rows = rows;
    this.#columns = columns;
  }

  /** Whether it is in the midst of what may be a digit: then it needs all samples that follow. */
  get isListening(): boolean {
    return this.#filled > 0;
  }

  /** Whether 10 ms, of the sum of whose squares this is, hold a tone of each group: what may be of a digit by less is nearly always speech. */
  mayBePair(samples: Int16Array, from: number, to: number, energy: number): boolean {
    const columns = this.#columns;
    columns.strongest(samples, from, to);
    if (columns.energy < LEAST_OF_A_GROUP * energy) return false;
    const rows = this.#rows;
    rows.strongest(samples, from, to);
    return rows.energy >= LEAST_OF_A_GROUP * energy && rows.energy + columns.energy >= LEAST_OF_BOTH * energy;
  }

  /** Samples, of which those up to `tonesTo` may be of digits. */
  push(samples: Int16Array, from: number, to: number, tonesTo: number): void {
    if (tonesTo > from) this.#tonesTo = this.#position + this.#filled + tonesTo - from;
    this.#window ??= new Int16Array(this.#length);
    const window = this.#window;
    for (let at = from; at < to; ) {
      let filled = this.#filled;
      for (; filled < this.#length && at < to; at++) {
        window[filled] = samples[at] as number;
        filled++;
      }
      this.#filled = filled;
      if (filled < this.#length) return;
      this.#hear(window);
      this.#advance(window);
      if (this.#filled === 0 && this.#tonesTo <= this.#position) {
        // What follows is of no digit: it is not begun to be listened to.
        this.#position += to - at;
        this.#window = undefined;
        return;
      }
    }
  }

  /** So many samples which are of no digit, and are not needed; to be asked for only while it is not listening. */
  skip(samples: number): void {
    this.#position += samples;
  }

  /** Samples that are missing. */
  gap(samples: number): void {
    this.#position += this.#filled + samples;
    this.#filled = 0;
    if (samples > LONGEST_INTERRUPTION_SECONDS * this.#rate) this.#current = undefined;
  }

  #advance(window: Int16Array): void {
    const kept = this.#length - this.#hop;
    if (this.#current === undefined && this.#tonesTo <= this.#position + this.#hop) {
      this.#position += this.#filled;
      this.#filled = 0;
      return;
    }
    window.copyWithin(0, this.#hop);
    this.#position += this.#hop;
    this.#filled = kept;
  }

  #hear(window: Int16Array): void {
    const digit = this.#tonesTo > this.#position ? digitOf(window, this.#rows, this.#columns) : undefined;
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

/** Of the energy the least that the lower tone has, if the higher is as much louder as it may be. */
const MINIMUM_ROW = MINIMUM_SHARE / (1 + MAXIMUM_TWIST);

function digitOf(block: Int16Array, rows: FourTones, columns: FourTones): string | undefined {
  const half = block.length >> 1;
  const firstHalf = energyOf(block, 0, half);
  const total = firstHalf + energyOf(block, half, block.length);
  if (total < MINIMUM_POWER * block.length) return undefined;
  if (firstHalf < MINIMUM_HALF * total || firstHalf > (1 - MINIMUM_HALF) * total) return undefined;
  const row = rows.strongest(block, 0, block.length);
  if (row < 0 || rows.energy < MINIMUM_ROW * total) return undefined;
  const column = columns.strongest(block, 0, block.length);
  if (column < 0 || rows.energy + columns.energy < MINIMUM_SHARE * total) return undefined;
  if (rows.energy > MAXIMUM_TWIST * columns.energy) return undefined;
  if (columns.energy > MAXIMUM_TWIST * rows.energy) return undefined;
  return KEYPAD[row]?.[column];
}

function energyOf(samples: Int16Array, from: number, to: number): number {
  let energy = 0;
  for (let at = from; at < to; at++) energy += (samples[at] as number) ** 2;
  return energy;
}

/** The four tones of a group, by Goertzel's algorithm: all in one pass, for one after the other takes three times as long. */
class FourTones {
  readonly #coefficients: readonly number[];
  /** Of the one that was found strongest, on the scale of the sum of squares. */
  energy = 0;

  constructor(frequencies: readonly number[], sampleRate: number) {
    this.#coefficients = frequencies.map((frequency) => 2 * Math.cos((2 * Math.PI * frequency) / sampleRate));
  }

  /** Which of the tones is the strongest, if it stands clear of the others; -1 otherwise. */
  strongest(samples: Int16Array, from: number, to: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#coefficients;
    let a1 = 0;
    let a2 = 0;
    let b1 = 0;
    let b2 = 0;
    let c1 = 0;
    let c2 = 0;
    let d1 = 0;
    let d2 = 0;
    for (let at = from; at < to; at++) {
      const sample = samples[at] as number;
      const a0 = sample + a * a1 - a2;
      const b0 = sample + b * b1 - b2;
      const c0 = sample + c * c1 - c2;
      const d0 = sample + d * d1 - d2;
      a2 = a1;
      a1 = a0;
      b2 = b1;
      b1 = b0;
      c2 = c1;
      c1 = c0;
      d2 = d1;
      d1 = d0;
    }
    const first = a1 * a1 + a2 * a2 - a * a1 * a2;
    const second = b1 * b1 + b2 * b2 - b * b1 * b2;
    const third = c1 * c1 + c2 * c2 - c * c1 * c2;
    const fourth = d1 * d1 + d2 * d2 - d * d1 * d2;
    const most = Math.max(first, second, third, fourth);
    this.energy = (2 * most) / (to - from);
    const isAbove =
      (first === most || first * MINIMUM_ABOVE_NEXT <= most) &&
      (second === most || second * MINIMUM_ABOVE_NEXT <= most) &&
      (third === most || third * MINIMUM_ABOVE_NEXT <= most) &&
      (fourth === most || fourth * MINIMUM_ABOVE_NEXT <= most);
    if (!isAbove) return -1;
    return most === first ? 0 : most === second ? 1 : most === third ? 2 : 3;
  }
}

interface BothGroups {
  readonly rows: FourTones;
  readonly columns: FourTones;
}

const groups = new Map<number, BothGroups>();
/** Codecs have fewer sample rates than that. */
const MOST_RATES = 16;

/** All readers of one sample rate share them: they keep nothing from one look to the next. */
function tonesAt(sampleRate: number): BothGroups {
  const known = groups.get(sampleRate);
  if (known !== undefined) return known;
  const made = { rows: new FourTones(ROWS, sampleRate), columns: new FourTones(COLUMNS, sampleRate) };
  if (groups.size < MOST_RATES) groups.set(sampleRate, made);
  return made;
}
