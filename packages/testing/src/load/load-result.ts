/** What came of a stretch of load. */
export interface LoadResult {
  readonly seconds: number;
  /** Registrations or calls that were begun, and those that ended well within the time. */
  readonly begun: number;
  readonly done: number;
  /** How many were refused, by status; 408 where no answer came. */
  readonly failed: Readonly<Record<number, number>>;
  /** Milliseconds from the first message to the answer, ascending. */
  readonly delays: Float64Array;
}

/** The delay that a share of all had at most; not a number where there were none. */
export function quantile({ delays }: Pick<LoadResult, 'delays'>, share: number): number {
  return delays[Math.max(0, Math.ceil(delays.length * share) - 1)] ?? Number.NaN;
}

/** Counts while the load goes on. */
export class LoadCount {
  begun = 0;
  done = 0;
  readonly #failed: Record<number, number> = {};
  readonly #delays: number[] = [];

  delay(milliseconds: number): void {
    this.#delays.push(milliseconds);
  }

  /** How many were answered. */
  get delays(): number {
    return this.#delays.length;
  }

  /** All that failed. */
  get failures(): number {
    return Object.values(this.#failed).reduce((sum, count) => sum + count, 0);
  }

  failed(status: number): void {
    this.#failed[status] = (this.#failed[status] ?? 0) + 1;
  }

  result(seconds: number): LoadResult {
    const delays = Float64Array.from(this.#delays).sort();
    return { seconds, begun: this.begun, done: this.done, failed: { ...this.#failed }, delays };
  }
}
