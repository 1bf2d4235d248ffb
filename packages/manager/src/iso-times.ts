/** Moments as ISO 8601: of one second all but its milliseconds is written once. */
export class IsoTimes {
  #last = Number.NaN;
  #text = '';
  #second = Number.NaN;
  #beginning = '';

  /** @param at epoch milliseconds, from 1970 on; a fraction is dropped */
  text(at: number): string {
    const whole = Math.floor(at);
    if (whole === this.#last) return this.#text;
    const milliseconds = whole % 1_000;
    if (whole - milliseconds !== this.#second) {
      this.#second = whole - milliseconds;
      this.#beginning = new Date(this.#second).toISOString().slice(0, -'000Z'.length);
    }
    this.#last = whole;
    this.#text = `${this.#beginning}${String(milliseconds).padStart(3, '0')}Z`;
    return this.#text;
  }
}
