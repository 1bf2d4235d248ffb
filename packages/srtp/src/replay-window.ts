/** Smallest window RFC 3711 §3.3.2 allows. */
export const MINIMUM_REPLAY_WINDOW = 64;
/** Past half the sequence space the index estimate itself is ambiguous. */
export const MAXIMUM_REPLAY_WINDOW = 32_768;
export const DEFAULT_REPLAY_WINDOW = 128;

const BITS = 32;

/**
 * Which of the last indices were received (RFC 3711 §3.3.2). `check` changes nothing; only `commit`, after
 * authentication, does. A ring of words with one word to spare, so that advancing clears whole words (RFC 6479).
 */
export class ReplayWindow {
  /** Highest index committed, −1 before the first. */
  highest = -1;
  private readonly size: number;
  private readonly words: Uint32Array;

  constructor(size: number) {
    this.size = size;
    this.words = new Uint32Array(Math.ceil(size / BITS) + 1);
  }

  check(index: number): 'replayed' | 'too-old' | undefined {
    if (index > this.highest) return undefined;
    if (this.highest - index >= this.size) return 'too-old';
    const word = this.words[Math.floor(index / BITS) % this.words.length] as number;
    return (word >>> (index % BITS)) & 1 ? 'replayed' : undefined;
  }

  /** Marks an index that `check` let pass and that was authenticated. */
  commit(index: number): void {
    if (index > this.highest) this.advance(index);
    const block = Math.floor(index / BITS);
    const slot = block % this.words.length;
    this.words[slot] = (this.words[slot] as number) | (1 << (index % BITS));
  }

  /** Moves the window forward so that it ends at `index`, which is not marked itself. */
  advance(index: number): void {
    const block = Math.floor(index / BITS);
    const first = Math.max(Math.floor(this.highest / BITS) + 1, block - this.words.length + 1);
    for (let cleared = first; cleared <= block; cleared++) this.words[cleared % this.words.length] = 0;
    this.highest = index;
  }

  /** The marks, for sealing. */
  get marks(): Uint32Array {
    return this.words.slice();
  }

  /** Puts back what `highest` and `marks` of a window of the same size were. */
  restore(highest: number, marks: Uint32Array): void {
    this.highest = highest;
    this.words.set(marks);
  }
}
