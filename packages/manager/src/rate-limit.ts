/** A token bucket: so many a second, with a second's worth at once. Pure; the time is monotonic milliseconds. */
export class RateLimit {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Takes one; false when none is left. */
  take(now: number): boolean {
    this.#tokens = Math.min(
      this.#perSecond,
      this.#tokens + (Math.max(0, now - this.#filledAt) * this.#perSecond) / 1_000,
    );
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
