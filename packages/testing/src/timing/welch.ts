/**
 * Welch's t statistic of two samples whose values come one by one: how far their means lie apart, in units of what
 * chance alone would do. Mean and variance by Welford's recurrence, which neither keeps the values nor loses digits.
 *
 * @see B. L. Welch, "The generalization of 'Student's' problem …", Biometrika 34 (1947)
 * @see B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4 (1962)
 */
export class WelchTest {
  readonly #count = new Float64Array(2);
  readonly #mean = new Float64Array(2);
  /** Sums of squared distances from the mean. */
  readonly #squares = new Float64Array(2);

  add(group: 0 | 1, value: number): void {
    const count = (this.#count[group] as number) + 1;
    const mean = this.#mean[group] as number;
    const distance = value - mean;
    const moved = mean + distance / count;
    this.#count[group] = count;
    this.#mean[group] = moved;
    this.#squares[group] = (this.#squares[group] as number) + distance * (value - moved);
  }

  /** How many values the smaller sample has. */
  get leastCount(): number {
    return Math.min(this.#count[0] as number, this.#count[1] as number);
  }

  /** Positive when the values of group 0 are larger. Zero as long as nothing can be said. */
  get t(): number {
    if (this.leastCount < 2) return 0;
    const spread = Math.sqrt(this.#squaredError(0) + this.#squaredError(1));
    const difference = (this.#mean[0] as number) - (this.#mean[1] as number);
    if (spread > 0) return difference / spread;
    return difference === 0 ? 0 : difference * Number.POSITIVE_INFINITY;
  }

  #squaredError(group: 0 | 1): number {
    const count = this.#count[group] as number;
    return (this.#squares[group] as number) / (count - 1) / count;
  }
}
