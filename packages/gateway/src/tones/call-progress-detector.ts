import { type CallProgressTone, callProgressTone, callProgressTones, type ToneCountry } from './call-progress-tones.ts';
import { energyAt, energyOf, powerOf } from './goertzel.ts';
import type { ToneSection } from './tone-generator.ts';

/** 40 ms tell 440 and 480 Hz apart; windows overlap by half. */
const WINDOW = 320;
const HOP = 160;
const HOP_MILLISECONDS = 20;
/** Below this in dBm0 nothing is heard. */
const FAINTEST = -40;
/** Part of the energy that must be at the frequencies of a tone: that of speech spreads. */
const LEAST_SHARE = 0.7;
/** The two frequencies of a pair are within 6 dB of each other. */
const MOST_TWIST = 4;
/** Ratio of energy between the halves of a window on the edge of a sound. */
const EDGE = 4;
/** How far a section may be from its length: two windows, or a tenth. */
const TOLERANCE = 45;
const RELATIVE_TOLERANCE = 0.1;
/** A tone that goes on is that when it has lasted so long, and by so much longer than any other of the same frequencies. */
const SHORTEST_CONTINUOUS = 500;
const BEYOND_OTHERS = 200;
/** Sections that must fit before a tone is told: busy and congestion end a call, and are told only when sure. */
const sectionsToTell: Readonly<Record<CallProgressTone, number | 'cycle'>> = {
  dial: 1,
  ringback: 1,
  busy: 4,
  congestion: 4,
  'call-waiting': 'cycle',
  'special-information': 3,
};
/** Silence that is longer than any of a tone ends it, by so much. */
const SILENCE_BEYOND = 500;

interface HeardSection {
  /** The frequencies, as a key; empty for silence. */
  readonly key: string;
  readonly milliseconds: number;
}

interface Expected {
  readonly tone: CallProgressTone;
  readonly sections: readonly { readonly key: string; readonly milliseconds: number }[];
}

/**
 * Hears the call-progress tones of a country in audio of 8,000 samples a second: by their frequencies, and where several
 * have the same by their cadence. A tone is told once while it lasts.
 */
export class CallProgressDetector {
  readonly #frequencySets: readonly (readonly number[])[];
  readonly #expected: readonly Expected[];
  readonly #window = new Int16Array(WINDOW);
  #filled = 0;
  #heard: HeardSection[] = [];
  #key = '';
  #since = 0;
  #now = 0;
  #told: Expected | undefined;

  constructor(country: ToneCountry) {
    const tones = callProgressTones.map((tone) => ({ tone, ...callProgressTone(country, tone) }));
    const sets = tones.flatMap(({ sections }) => sections.map(({ frequencies }) => frequencies));
    const byKey = new Map(sets.filter((set) => set.length > 0).map((set) => [set.join('+'), set]));
    this.#frequencySets = [...byKey.values()];
    this.#expected = tones.map(({ tone, sections }) => ({ tone, sections: sections.map(expectedSection) }));
  }

  /** Takes samples and gives the tone that is now heard and was not before. */
  push(samples: Int16Array): CallProgressTone | undefined {
    let found: CallProgressTone | undefined;
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(WINDOW - this.#filled, samples.length - at);
      this.#window.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < WINDOW) break;
      found = this.#step() ?? found;
      this.#window.copyWithin(0, HOP);
      this.#filled = WINDOW - HOP;
    }
    return found;
  }

  #step(): CallProgressTone | undefined {
    this.#now += HOP_MILLISECONDS;
    const key = this.#keyOf(this.#window);
    if (key !== this.#key) {
      this.#change(key);
      return this.#match();
    }
    const lasts = this.#now - this.#since;
    if (key === '' && this.#told !== undefined && lasts > longestSilence(this.#told) + SILENCE_BEYOND)
      this.#told = undefined;
    return this.#matchContinuous(lasts);
  }

  #change(key: string): void {
    const milliseconds = this.#now - this.#since;
    // One window on the edge of a sound fits no tone: it belongs to what follows.
    if (milliseconds > HOP_MILLISECONDS) {
      this.#heard.push({ key: this.#key, milliseconds });
      if (this.#heard.length > MOST_SECTIONS) this.#heard.shift();
      this.#since = this.#now;
    }
    this.#key = key;
    const last = this.#heard.at(-1);
    if (last?.key !== key || milliseconds > HOP_MILLISECONDS) return;
    // The edge was a blink within one section.
    this.#heard.pop();
    this.#since -= last.milliseconds;
  }

  #match(): CallProgressTone | undefined {
    const fitting = this.#expected.find((expected) => this.#fits(expected));
    return this.#tell(fitting);
  }

  #matchContinuous(lasts: number): CallProgressTone | undefined {
    const fitting = this.#expected.find(
      ({ sections: [first] }) => first?.milliseconds === Number.POSITIVE_INFINITY && first.key === this.#key,
    );
    return fitting !== undefined && lasts >= this.#longerThanOthers(this.#key) ? this.#tell(fitting) : undefined;
  }

  #longerThanOthers(key: string): number {
    const others = this.#expected
      .flatMap(({ sections }) => sections)
      .filter((section) => section.key === key && Number.isFinite(section.milliseconds))
      .map(({ milliseconds }) => milliseconds + BEYOND_OTHERS);
    return Math.max(SHORTEST_CONTINUOUS, ...others);
  }

  #tell(fitting: Expected | undefined): CallProgressTone | undefined {
    if (fitting === undefined || fitting === this.#told) return undefined;
    this.#told = fitting;
    return fitting.tone;
  }

  /** The last sections that were heard are those of the tone, whichever of them was the first. */
  #fits({ tone, sections }: Expected): boolean {
    const wanted = sectionsToTell[tone];
    const count = wanted === 'cycle' ? sections.length : wanted;
    const heard = this.#heard.slice(-count);
    if (heard.length < count || sections.some(({ milliseconds }) => milliseconds === Number.POSITIVE_INFINITY))
      return false;
    return sections.some((_, start) => {
      if (count === 1 && sections[start]?.key === '') return false;
      return heard.every((section, i) => isLike(section, sections[(start + i) % sections.length]));
    });
  }

  /** The frequencies of a window: the set that holds most of its energy. */
  #keyOf(window: Int16Array): string {
    const older = energyOf(window.subarray(0, HOP));
    const newer = energyOf(window.subarray(HOP));
    const energy = older + newer;
    // On an edge: a sound has ended with its first quiet half, and has begun when both halves are full.
    if (energy < powerOf(FAINTEST) * WINDOW || newer * EDGE < older) return '';
    if (older * EDGE < newer) return this.#key;
    let best = { key: 'other', share: LEAST_SHARE };
    for (const set of this.#frequencySets) {
      const energies = set.map((frequency) => energyAt(window, frequency));
      const isBalanced = Math.max(...energies) <= MOST_TWIST * Math.min(...energies);
      const share = energies.reduce((sum, one) => sum + one, 0) / energy;
      if (isBalanced && share > best.share) best = { key: set.join('+'), share };
    }
    return best.key;
  }
}

const MOST_SECTIONS = 8;

function expectedSection({ frequencies, milliseconds }: ToneSection): { key: string; milliseconds: number } {
  return { key: frequencies.join('+'), milliseconds };
}

function longestSilence({ sections }: Expected): number {
  return Math.max(0, ...sections.filter(({ key }) => key === '').map(({ milliseconds }) => milliseconds));
}

function isLike(heard: HeardSection, expected: { key: string; milliseconds: number } | undefined): boolean {
  if (expected === undefined || heard.key !== expected.key) return false;
  const tolerance = Math.max(TOLERANCE, expected.milliseconds * RELATIVE_TOLERANCE);
  return Math.abs(heard.milliseconds - expected.milliseconds) <= tolerance;
}
