import { peakOf, SAMPLE_RATE } from './goertzel.ts';

/** A part of a tone: frequencies in hertz that sound together, or none for silence. */
export interface ToneSection {
  readonly frequencies: readonly number[];
  /** Infinity for one that goes on. */
  readonly milliseconds: number;
}

export interface Tone {
  readonly sections: readonly ToneSection[];
  /** Begins again after the last section. */
  readonly repeats: boolean;
}

/** Each frequency of a tone of two (E.180 §5: -10 ± 5 dBm0 for the whole). */
const LEVEL = -13;

/** Makes a tone sample by sample; its phases go on from block to block. */
export class ToneGenerator {
  readonly #tone: Tone;
  readonly #peak: number;
  #section = 0;
  #at = 0;
  #finished = false;

  /** @param level of each frequency, in dBm0 */
  constructor(tone: Tone, level = LEVEL) {
    this.#tone = tone;
    this.#peak = peakOf(level);
  }

  /** Its last section is over, and it does not repeat. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Overwrites every sample; silence where the tone is over. */
  fill(samples: Int16Array): void {
    for (let at = 0; at < samples.length; at += 1) samples[at] = this.#next();
  }

  #next(): number {
    const section = this.#tone.sections[this.#section];
    if (section === undefined || this.#finished) return 0;
    const angle = (2 * Math.PI * this.#at) / SAMPLE_RATE;
    let value = 0;
    for (const frequency of section.frequencies) value += Math.sin(angle * frequency);
    this.#at += 1;
    if (this.#at >= (section.milliseconds * SAMPLE_RATE) / 1_000) this.#advance();
    return Math.round(value * this.#peak);
  }

  #advance(): void {
    this.#at = 0;
    this.#section += 1;
    if (this.#section < this.#tone.sections.length) return;
    this.#section = 0;
    this.#finished = !this.#tone.repeats;
  }
}
