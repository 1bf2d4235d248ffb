/** Packets over which jitter is measured: five seconds of 20 ms. */
const TRANSIT_WINDOW = 250;
/** The slowest packets of the window that the delay need not cover: with 250 of them, the worst two. */
const OUTLIERS = 0.01;

/** How long the last packets were under way, relative to the fastest of them; the unit is the caller's. */
export class TransitTimes {
  readonly #ring = new Float64Array(TRANSIT_WINDOW);
  readonly #sorted = new Float64Array(TRANSIT_WINDOW);
  #count = 0;
  #next = 0;
  #last = 0;
  #fastest = 0;
  #spread = 0;

  /**
   * Adds a packet that was under way for at least `shortest` and at most `longest`. Where they differ, because the
   * packet waited unread for an unknown time, it is taken to have travelled like the packet before it, as nearly as
   * the two allow.
   */
  add(longest: number, shortest = longest): void {
    const expected = this.#count === 0 ? longest : this.#last;
    const transit = Math.min(longest, Math.max(shortest, expected));
    this.#last = transit;
    this.#ring[this.#next] = transit;
    this.#next = (this.#next + 1) % TRANSIT_WINDOW;
    this.#count = Math.min(this.#count + 1, TRANSIT_WINDOW);
    this.#sorted.set(this.#ring);
    const sorted = this.#sorted.subarray(0, this.#count).sort();
    this.#fastest = sorted[0] ?? 0;
    const covered = sorted[this.#count - 1 - Math.floor(this.#count * OUTLIERS)] ?? 0;
    this.#spread = covered - this.#fastest;
  }

  /** The smallest transit time of the window, 0 before the first packet. */
  fastest(): number {
    return this.#fastest;
  }

  /** From the fastest packet to the slowest that is no outlier. */
  spread(): number {
    return this.#spread;
  }

  clear(): void {
    this.#count = 0;
    this.#next = 0;
    this.#fastest = 0;
    this.#spread = 0;
  }
}
