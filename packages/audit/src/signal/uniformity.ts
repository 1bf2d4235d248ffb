/**
 * Whether octets are as evenly spread as those of a cipher. That alone is never called encryption: what is compressed well, or
 * noise, may be so too. That they are not is proof that nothing encrypted them.
 */
export class OctetCounts {
  readonly #counts = new Uint32Array(256);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(octets: Uint8Array, from: number, to: number): void {
    const counts = this.#counts;
    for (let at = from; at < to; at++) (counts[octets[at] as number] as number)++;
    this.#total += to - from;
  }

  /** What two strings of octets differ in, position by position. */
  addDifference(one: Uint8Array, other: Uint8Array, length: number): void {
    const counts = this.#counts;
    for (let at = 0; at < length; at++) (counts[(one[at] as number) ^ (other[at] as number)] as number)++;
    this.#total += length;
  }

  /** Leaves out an octet that was added so many times; a negative number adds it again. */
  leaveOut(octet: number, times: number): void {
    (this.#counts[octet] as number) -= times;
    this.#total -= times;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /**
   * Pearson's chi-squared against the uniform distribution as standard deviations of the normal one (Wilson and Hilferty, 1931):
   * 0 on average for a cipher's output, and beyond 6 once in a thousand million times. From some 400 octets on it holds.
   */
  get deviation(): number {
    const total = this.#total;
    if (total === 0) return 0;
    let squares = 0;
    for (let value = 0; value < 256; value++) squares += (this.#counts[value] as number) ** 2;
    const chiSquared = (256 * squares) / total - total;
    const spread = 2 / (9 * DEGREES);
    return (Math.cbrt(chiSquared / DEGREES) - 1 + spread) / Math.sqrt(spread);
  }
}

const DEGREES = 255;

/** First octets of a payload whose bits are counted one by one. */
const OCTETS = 12;
const BITS = 8 * OCTETS;
const noBits = new Uint32Array(0);

/** How far the first bits of payloads are from falling evenly: codecs begin packets with the same few fields, ciphers do not. */
export class BitCounts {
  /** Made for those codecs alone of which bits are counted. */
  #ones: Uint32Array = noBits;
  #packets = 0;

  get packets(): number {
    return this.#packets;
  }

  /** Of a payload that has at least as many octets as are looked at; others are left out. */
  add(octets: Uint8Array, from: number, to: number): void {
    if (to - from < OCTETS) return;
    if (this.#ones.length === 0) this.#ones = new Uint32Array(BITS);
    const ones = this.#ones;
    for (let bit = 0; bit < BITS; bit++) {
      (ones[bit] as number) += ((octets[from + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1;
    }
    this.#packets++;
  }

  clear(): void {
    this.#ones.fill(0);
    this.#packets = 0;
  }

  /** Of the bit that is furthest from even, in standard deviations; of {@link BITS} of a cipher one exceeds 6 once in five million times. */
  get deviation(): number {
    if (this.#packets === 0) return 0;
    let most = 0;
    for (let bit = 0; bit < BITS; bit++)
      most = Math.max(most, Math.abs(2 * (this.#ones[bit] as number) - this.#packets));
    return most / Math.sqrt(this.#packets);
  }
}
