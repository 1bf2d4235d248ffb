/** So many failures within so many milliseconds. */
export interface FailureRate {
  readonly count: number;
  readonly per: number;
}

/** Names kept at once; the longest silent one is forgotten first, so that inventing names fills no memory. */
const MAX_NAMES = 10_000;

/** Counts failures by name (an address, a device). Success costs nothing: a thousand phones may share one address. */
export class FailureCounter {
  readonly #rate: FailureRate;
  readonly #failures = new Map<string, number[]>();

  constructor(rate: FailureRate) {
    this.#rate = rate;
  }

  /** Milliseconds until this name may try again; 0 when it may now. */
  wait(now: number, name: string): number {
    const recent = this.#recent(now, name);
    const oldest = recent.at(-this.#rate.count);
    return oldest === undefined ? 0 : Math.max(0, oldest + this.#rate.per - now);
  }

  /** Returns true for the failure that reaches the limit. */
  fail(now: number, name: string): boolean {
    const recent = this.#recent(now, name);
    this.#failures.delete(name);
    this.#failures.set(name, [...recent, now].slice(-this.#rate.count));
    const [longestSilent] = this.#failures.keys();
    if (this.#failures.size > MAX_NAMES && longestSilent !== undefined) this.#failures.delete(longestSilent);
    return recent.length === this.#rate.count - 1;
  }

  forget(name: string): void {
    this.#failures.delete(name);
  }

  #recent(now: number, name: string): readonly number[] {
    return (this.#failures.get(name) ?? []).filter((at) => at + this.#rate.per > now);
  }
}
