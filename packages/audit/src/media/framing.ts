import type { PayloadCodec } from './payload-codec.ts';

/** Octets that may follow a payload and are looked for: a tag, an MKI, or both. */
export const MOST_EXTRA = 64;
/** What senders in use append: nothing, HMAC-SHA1 with 80 and 32 bits, AES-GCM, and those with an MKI of 4, 1, or 2 octets. */
const usual = [0, 10, 4, 16, 14, 8, 20, 11, 5, 17, 12, 6, 18] as const;
/** A frame longer than this is a pause of the sender. */
const LONGEST_FRAME_SECONDS = 0.25;
const none: readonly number[] = [];

/** By how many octets the payloads of one payload type are longer than what their codec makes of the time between them. */
export class Framing {
  #lengths: PayloadCodec['lengths'];
  #clockRate: number;
  #extended = -1;
  #timestamp = 0;
  #length = -1;
  /** Timestamp units of a packet, as those before it had; 0 while unknown. */
  #units = 0;
  #extras: readonly number[] = none;

  constructor(codec: PayloadCodec | undefined) {
    this.#lengths = codec?.lengths;
    this.#clockRate = codec?.clockRate ?? 8_000;
  }

  /** Takes the next packet; afterwards {@link extras} are of it. */
  next(extended: number, timestamp: number, length: number): void {
    const units = extended === this.#extended + 1 ? (timestamp - this.#timestamp) | 0 : 0;
    this.#extended = extended;
    this.#timestamp = timestamp;
    if (units === this.#units && length === this.#length) return;
    if (units > 0 && units !== this.#units && units <= LONGEST_FRAME_SECONDS * this.#clockRate) this.#learn(units);
    this.#length = length;
    this.#extras = this.#of(length, this.#units);
  }

  /** So many octets the packet may have more than its codec makes; empty where that is not known, or none fits. */
  get extras(): readonly number[] {
    return this.#extras;
  }

  /** Whether there is a codec whose lengths say something, and the time of a packet is known. */
  get isKnown(): boolean {
    return this.#lengths !== undefined && this.#units > 0;
  }

  /** The step to this packet is how long the one before it is, unless the sender paused between them. */
  #learn(units: number): void {
    if (this.#units === 0 || this.#of(this.#length, units).length > 0) this.#units = units;
  }

  #of(length: number, units: number): readonly number[] {
    if (this.#lengths === undefined || units <= 0 || length < 0) return none;
    return this.#lengths(units)
      .map((expected) => length - expected)
      .filter((extra) => extra >= 0 && extra <= MOST_EXTRA);
  }
}

/** Counts what packets are longer by. */
export class ExtraCounts {
  readonly #counts = new Uint16Array(MOST_EXTRA + 1);
  packets = 0;

  add(extras: readonly number[]): void {
    this.packets++;
    for (const extra of extras) (this.#counts[extra] as number)++;
  }

  clear(): void {
    this.#counts.fill(0);
    this.packets = 0;
  }

  /** What nine of ten packets are longer by, the usual first; undefined where they are of no one mind. */
  get common(): number | undefined {
    const needed = Math.max(2, 0.9 * (this.packets - 1));
    for (const extra of usual) if ((this.#counts[extra] as number) >= needed) return extra;
    for (let extra = 1; extra <= MOST_EXTRA; extra++) if ((this.#counts[extra] as number) >= needed) return extra;
    return undefined;
  }
}
