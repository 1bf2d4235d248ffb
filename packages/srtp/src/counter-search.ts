/** Packets that are passed over after a search in vain, at most; doubled each time up to this. */
const LONGEST_PAUSE = 1024;

/**
 * When a receiver may try other rollover counters than the one it expects. Each trial costs a digest, and anybody can
 * send packets that fail: after each search in vain more of them are passed over before the next. No clock is asked.
 */
export class CounterSearch {
  /** Rollover counters that one search tries. */
  readonly width: number;
  #pause = 0;
  #passOver = 0;

  constructor(width: number) {
    this.width = width;
  }

  /** Whether to search for the counter of a packet that did not authenticate. */
  mayTry(): boolean {
    if (this.width === 0) return false;
    if (this.#passOver === 0) return true;
    this.#passOver--;
    return false;
  }

  found(): void {
    this.#pause = 0;
    this.#passOver = 0;
  }

  failed(): void {
    this.#pause = Math.min(LONGEST_PAUSE, Math.max(1, this.#pause * 2));
    this.#passOver = this.#pause;
  }
}
