import { WelchTest } from './welch.ts';

/** Beyond it two classes of inputs are told apart by time; the bound of the TVLA method for side channels. */
export const leakageBound = 4.5;

const crops = 20;
/** A crop that kept less of a class than this share of what was measured says nothing. */
const leastShare = 0.02;

export interface LeakageVerdict {
  /** The largest |t| of all crops. */
  readonly t: number;
  /** The share of the fastest measurements that it was found in; 1 for all of them. */
  readonly kept: number;
}

/**
 * Tells whether two classes of inputs take different times, from measurements alone, as dudect does: Welch's t over all
 * of them and over the fastest so many per cent, since interrupts and garbage collections lie in the slow tail.
 *
 * @see O. Reparaz, J. Balasch, I. Verbauwhede, "Dude, is my code constant time?", DATE 2017, https://ia.cr/2016/1123
 * @see G. Goodwill et al., "A testing methodology for side-channel resistance validation", NIST 2011 (for the bound)
 */
export class LeakageTest {
  readonly #all = new WelchTest();
  readonly #cropped: readonly { readonly kept: number; readonly limit: number; readonly test: WelchTest }[];
  #count = 0;

  /** @param sample measurements of both classes, from which the crops are taken; they do not count. */
  constructor(sample: Float64Array) {
    const sorted = sample.toSorted();
    this.#cropped = Array.from({ length: crops }, (_, at) => {
      // Denser towards the whole: 1 - 2^(-10 i / n), as in dudect.
      const kept = 1 - 2 ** ((-10 * (at + 1)) / crops);
      return { kept, limit: sorted[Math.floor(kept * (sorted.length - 1))] ?? 0, test: new WelchTest() };
    });
  }

  add(group: 0 | 1, time: number): void {
    this.#count += 1;
    this.#all.add(group, time);
    for (const { limit, test } of this.#cropped) if (time <= limit) test.add(group, time);
  }

  get verdict(): LeakageVerdict {
    let worst: LeakageVerdict = { t: Math.abs(this.#all.t), kept: 1 };
    for (const { kept, test } of this.#cropped) {
      const t = Math.abs(test.t);
      if (t > worst.t && test.leastCount >= this.#count * leastShare) worst = { t, kept };
    }
    return worst;
  }
}
