import { SeededRandom } from '../seeded-random.ts';

/**
 * An input of each class, one of which is laid into place. Both are read whichever it is, and no branch decides: a copy
 * from one of two places shows in the time of what runs next, though both hold the same.
 */
export class InputPair {
  /** The one that was chosen last. */
  readonly chosen: Uint8Array;
  readonly #first: Uint8Array;
  readonly #second: Uint8Array;
  readonly #random: SeededRandom | undefined;

  /** @param second for class 1; without it, octets that are random each time. */
  constructor(first: Uint8Array, second?: Uint8Array) {
    this.chosen = first.slice();
    this.#first = first.slice();
    this.#second = second?.slice() ?? first.slice();
    this.#random = second === undefined ? new SeededRandom(1) : undefined;
  }

  choose(inputClass: 0 | 1): void {
    this.#random?.fill(this.#second);
    const mask = -inputClass & 0xff;
    for (let at = 0; at < this.chosen.length; at += 1) {
      this.chosen[at] = ((this.#first[at] as number) & ~mask) | ((this.#second[at] as number) & mask);
    }
  }
}
