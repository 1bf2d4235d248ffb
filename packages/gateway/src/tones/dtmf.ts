import { energyAt, energyOf, powerOf } from './goertzel.ts';
import { type Tone, ToneGenerator } from './tone-generator.ts';

/** Q.23 §5: each key is one low and one high frequency. */
const LOW = [697, 770, 852, 941] as const;
const HIGH = [1209, 1336, 1477, 1633] as const;
const KEYPAD = ['123A', '456B', '789C', '*0#D'] as const;

const TONE_MILLISECONDS = 100;
const GAP_MILLISECONDS = 100;
/** Each frequency, in dBm0. */
const LEVEL = -9;

/** The tones of keys, each followed by silence; what is no key is left out. */
export function dtmfTones(keys: string, milliseconds = TONE_MILLISECONDS, gap = GAP_MILLISECONDS): ToneGenerator {
  const sections = [...keys.toUpperCase()].flatMap((key) => {
    const row = KEYPAD.findIndex((one) => one.includes(key));
    const [low, high] = [LOW[row], HIGH[KEYPAD[row]?.indexOf(key) ?? -1]];
    if (low === undefined || high === undefined) return [];
    return [
      { frequencies: [low, high], milliseconds },
      { frequencies: [], milliseconds: gap },
    ];
  });
  const tone: Tone = {
    sections: sections.length === 0 ? [{ frequencies: [], milliseconds: 0 }] : sections,
    repeats: false,
  };
  return new ToneGenerator(tone, LEVEL);
}

/** 25.6 ms, which tells the four frequencies of a group apart; windows overlap by half. */
const WINDOW = 205;
const HOP = 102;
/** Two windows that agree are 40 ms of tone, the shortest that must be heard (Q.24 table A.1). */
const WINDOWS_TO_BEGIN = 2;
/** Two windows without it end a key: a gap of 40 ms, and none of 10 (Q.24). */
const WINDOWS_TO_END = 2;
const FAINTEST = -36;
/** Part of the energy that lies in the two frequencies; that of speech spreads. */
const LEAST_SHARE = 0.75;
/** Ratios of energy: the strongest of a group to the next (6 dB), the two groups to each other (8 dB, Q.24). */
const LEAST_ABOVE_NEXT = 4;
const MOST_TWIST = 6.3;
/** Of a window's energy the least that is in each half: a tone that fills less of it is too short. */
const LEAST_HALF = 0.25;

/** Hears DTMF in audio of 8,000 samples a second; each key is told once, when it has lasted 40 ms. */
export class DtmfDetector {
  readonly #window = new Int16Array(WINDOW);
  #filled = 0;
  #candidate: string | undefined;
  #agreeing = 0;
  #sounding: string | undefined;
  #missing = 0;

  /** Whether the last window was of a key, or a key is still to end. */
  get isHearing(): boolean {
    return this.#candidate !== undefined || this.#sounding !== undefined;
  }

  /** Takes samples and gives the keys that began in them. */
  push(samples: Int16Array): string {
    let keys = '';
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(WINDOW - this.#filled, samples.length - at);
      this.#window.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < WINDOW) break;
      keys += this.#step() ?? '';
      this.#window.copyWithin(0, HOP);
      this.#filled = WINDOW - HOP;
    }
    return keys;
  }

  #step(): string | undefined {
    const key = keyOf(this.#window);
    this.#agreeing = key === this.#candidate ? this.#agreeing + 1 : 1;
    this.#candidate = key;
    if (this.#sounding !== undefined) {
      this.#missing = key === this.#sounding ? 0 : this.#missing + 1;
      if (this.#missing < WINDOWS_TO_END) return undefined;
      this.#sounding = undefined;
    }
    if (key === undefined || this.#agreeing < WINDOWS_TO_BEGIN) return undefined;
    this.#sounding = key;
    this.#missing = 0;
    return key;
  }
}

function keyOf(window: Int16Array): string | undefined {
  const firstHalf = energyOf(window.subarray(0, window.length >> 1));
  const total = firstHalf + energyOf(window.subarray(window.length >> 1));
  if (total < powerOf(FAINTEST) * window.length) return undefined;
  if (firstHalf < LEAST_HALF * total || firstHalf > (1 - LEAST_HALF) * total) return undefined;
  const low = strongest(window, LOW);
  const high = strongest(window, HIGH);
  if (low === undefined || high === undefined) return undefined;
  if (low.energy + high.energy < LEAST_SHARE * total) return undefined;
  if (low.energy > MOST_TWIST * high.energy || high.energy > MOST_TWIST * low.energy) return undefined;
  return KEYPAD[low.index]?.[high.index];
}

/** The strongest frequency of a group, if it stands clear of the others. */
function strongest(
  window: Int16Array,
  group: readonly number[],
): { readonly index: number; readonly energy: number } | undefined {
  const energies = group.map((frequency) => energyAt(window, frequency));
  const energy = Math.max(...energies);
  const index = energies.indexOf(energy);
  const isClear = energies.every((other, at) => at === index || other * LEAST_ABOVE_NEXT <= energy);
  return isClear ? { index, energy } : undefined;
}
