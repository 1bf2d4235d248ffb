/** Repeatable randomness for tests: the same seed gives the same sequence on every machine. Never for keys. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, not including, 1 (the mulberry32 generator). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True in the given share of calls. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Random octets into memory that is there already: for measuring, which an allocation would disturb. */
  fill(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; at += 1) octets[at] = this.below(256);
  }

  /** In the shape in which our cores take randomness. */
  readonly bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => this.below(256));
}

/** Runs a simulation once for each seed from 1 to `count`; a failure names its seed, so that it can be repeated alone. */
export function forEachSeed(count: number, simulate: (random: SeededRandom, seed: number) => void): void {
  for (let seed = 1; seed <= count; seed += 1) {
    try {
      simulate(new SeededRandom(seed), seed);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
