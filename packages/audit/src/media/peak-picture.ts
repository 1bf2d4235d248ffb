/** Peaks of a waveform's picture, at most. */
export const MOST_PEAKS = 400;
const BINS = 2 * MOST_PEAKS;
const FIRST_BIN_SECONDS = 0.02;

/** The peaks of equal stretches of time, however long it gets: when there are too many, each two become one. */
export class PeakPicture {
  #bins = new Uint8Array(64);
  #binSeconds = FIRST_BIN_SECONDS;
  #length = 0;

  /** A magnitude from 0 to 32,768 at so many seconds from the beginning. */
  add(seconds: number, magnitude: number): void {
    let bin = Math.floor(seconds / this.#binSeconds);
    if (bin < 0) return;
    while (bin >= BINS) {
      this.#halve();
      bin = Math.floor(seconds / this.#binSeconds);
    }
    if (bin >= this.#bins.length) this.#grow(bin + 1);
    if (bin >= this.#length) this.#length = bin + 1;
    const peak = magnitude >= 32_640 ? 255 : magnitude >> 7;
    if (peak > (this.#bins[bin] as number)) this.#bins[bin] = peak;
  }

  /** From 0 to 255. */
  peaks(): readonly number[] {
    const step = this.#length > MOST_PEAKS ? 2 : 1;
    const peaks: number[] = [];
    for (let bin = 0; bin < this.#length; bin += step) {
      const peak = this.#bins[bin] ?? 0;
      peaks.push(step === 1 ? peak : Math.max(peak, this.#bins[bin + 1] ?? 0));
    }
    return peaks;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(BINS, Math.max(length, 2 * this.#bins.length)));
    larger.set(this.#bins);
    this.#bins = larger;
  }

  #halve(): void {
    const bins = this.#bins;
    for (let at = 0; at < BINS / 2; at++) bins[at] = Math.max(bins[2 * at] ?? 0, bins[2 * at + 1] ?? 0);
    bins.fill(0, BINS / 2);
    this.#length = Math.ceil(this.#length / 2);
    this.#binSeconds *= 2;
  }
}
