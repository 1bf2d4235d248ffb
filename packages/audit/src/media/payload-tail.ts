import type { OctetCounts } from '../signal/uniformity.ts';
import { MOST_EXTRA } from './framing.ts';

/** Packets after which octets that are the same in all of them are no accident. */
const FEWEST_PACKETS = 6;

/**
 * The octets at the end of packets that are the same in all: the identifier of a master key (MKI, RFC 3711 §3.1) stands in the
 * clear beside the tag of what is encrypted, so it does not speak of what is before it.
 */
export class PayloadTail {
  /** From the end. */
  readonly #octets = new Uint8Array(MOST_EXTRA);
  readonly #isConstant = new Uint8Array(MOST_EXTRA);
  /** Behind the last octet that was the same so far. */
  #candidates = 0;
  #packets = 0;

  add(octets: Uint8Array, end: number): void {
    const first = this.#packets++ === 0;
    if (first) {
      this.#candidates = MOST_EXTRA;
      for (let at = 0; at < MOST_EXTRA; at++) {
        const octet = octets[end - 1 - at] ?? -1;
        this.#octets[at] = octet;
        this.#isConstant[at] = octet < 0 ? 0 : 1;
      }
      return;
    }
    let candidates = 0;
    for (let at = 0; at < this.#candidates; at++) {
      if (this.#octets[at] !== octets[end - 1 - at]) this.#isConstant[at] = 0;
      else if (this.#isConstant[at] === 1) candidates = at + 1;
    }
    this.#candidates = candidates;
  }

  clear(): void {
    this.#packets = 0;
  }

  /** Takes those of the last `extra` octets that are constant out of the counts; `sign` of -1 puts them back. */
  leaveOut(counts: OctetCounts, extra: number, sign: 1 | -1): void {
    if (this.#packets < FEWEST_PACKETS) return;
    for (let at = 0; at < extra; at++) {
      if (this.#isConstant[at] === 1) counts.leaveOut(this.#octets[at] as number, sign * this.#packets);
    }
  }
}
