/**
 * What waits to be delivered to one destination: in order, one at a time, tried again with growing pauses. It is
 * bounded: while the destination is away the oldest are lost first, and counted.
 */
export interface DeliveryLimits {
  /** Items kept at most. */
  readonly items: number;
  /** Pause after the first failure in milliseconds; it doubles with each further one. */
  readonly firstPause: number;
  readonly longestPause: number;
}

export class DeliveryQueue<Item> {
  readonly #limits: DeliveryLimits;
  readonly #items: Item[] = [];
  #isUnderWay = false;
  #failures = 0;
  #notBefore = Number.NEGATIVE_INFINITY;
  #lost = 0;

  constructor(limits: DeliveryLimits) {
    this.#limits = limits;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length <= this.#limits.items) return;
    // The one that is under way has left already.
    this.#items.splice(this.#isUnderWay ? 1 : 0, 1);
    this.#lost += 1;
  }

  /** What to deliver now, if anything; answer it with `delivered` or `failed`. */
  poll(now: number): Item | undefined {
    if (this.#isUnderWay || this.#items.length === 0 || now < this.#notBefore) return undefined;
    this.#isUnderWay = true;
    return this.#items[0];
  }

  /** Returns how many were lost before it since the last that was delivered. */
  delivered(): number {
    this.#items.shift();
    this.#isUnderWay = false;
    this.#failures = 0;
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** True for the first failure since the last delivery: the one to tell of. */
  failed(now: number): boolean {
    this.#isUnderWay = false;
    const { firstPause, longestPause } = this.#limits;
    this.#notBefore = now + Math.min(longestPause, firstPause * 2 ** this.#failures);
    this.#failures += 1;
    return this.#failures === 1;
  }

  /** When `poll` has something to give: monotonic milliseconds; infinity while there is nothing or one is under way. */
  nextDeadline(): number {
    return this.#isUnderWay || this.#items.length === 0 ? Number.POSITIVE_INFINITY : this.#notBefore;
  }
}
