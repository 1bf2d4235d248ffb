import type { SequenceRange } from './entry.ts';

/** A set of sequence numbers kept as ranges, ascending and apart: small where the numbers lie together. */
export class SequenceSet {
  #ranges: [first: number, last: number][] = [];

  get size(): number {
    let size = 0;
    for (const [first, last] of this.#ranges) size += last - first + 1;
    return size;
  }

  add([first, last]: SequenceRange): void {
    const newest = this.#ranges.at(-1);
    if (newest === undefined || first > newest[1] + 1) {
      this.#ranges.push([first, last]);
      return;
    }
    if (first >= newest[0]) {
      newest[1] = Math.max(newest[1], last);
      return;
    }
    this.#merge(first, last);
  }

  /** The lowest number of this set that is in none of the others. */
  firstOutside(...others: readonly SequenceSet[]): number | undefined {
    for (const [first, last] of this.#ranges) {
      let candidate = first;
      for (let moved = true; moved && candidate <= last; ) {
        moved = false;
        for (const other of others) {
          const after = other.#after(candidate);
          if (after !== candidate) {
            candidate = after;
            moved = true;
          }
        }
      }
      if (candidate <= last) return candidate;
    }
    return undefined;
  }

  /** The number itself when it is not in the set, else the one after the range that holds it. */
  #after(sequence: number): number {
    const range = this.#ranges[this.#firstEndingAtOrAfter(sequence)];
    return range !== undefined && range[0] <= sequence ? range[1] + 1 : sequence;
  }

  #merge(first: number, last: number): void {
    const start = this.#firstEndingAtOrAfter(first - 1);
    let end = start;
    let [from, to] = [first, last];
    for (let range = this.#ranges[end]; range !== undefined && range[0] <= last + 1; range = this.#ranges[end]) {
      from = Math.min(from, range[0]);
      to = Math.max(to, range[1]);
      end++;
    }
    this.#ranges.splice(start, end - start, [from, to]);
  }

  #firstEndingAtOrAfter(sequence: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle]?.[1] ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
