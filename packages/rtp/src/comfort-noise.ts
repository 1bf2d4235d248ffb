/** The most that full-scale audio can have; levels are given below it. */
const OVERLOAD = 32_767;

/**
 * Background noise for pauses (RFC 3389). The level is followed; the spectrum that further octets may describe is
 * not, the noise is white.
 */
export class ComfortNoise {
  #amplitude = 0;
  #state: number;

  /** Four random octets seed the noise. */
  constructor(seed: Uint8Array) {
    this.#state = seed.reduce((state, octet) => ((state << 8) | octet) >>> 0, 0) || 1;
  }

  /** Takes the payload of a comfort noise packet; an empty one changes nothing. */
  handlePayload(payload: Uint8Array): void {
    const level = payload[0];
    if (level === undefined) return;
    // −dBov in seven bits (RFC 3389 §3.1); evenly distributed noise has its peak √3 above its mean power
    this.#amplitude = OVERLOAD * 10 ** (-(level & 0x7f) / 20) * Math.sqrt(3);
  }

  fill(out: Int16Array): void {
    for (let i = 0; i < out.length; i++) {
      const sample = this.#random() * this.#amplitude;
      out[i] = Math.round(Math.max(-OVERLOAD, Math.min(OVERLOAD, sample)));
    }
  }

  /** From −1 to 1 (xorshift32). */
  #random(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state / 0x8000_0000 - 1;
  }
}
