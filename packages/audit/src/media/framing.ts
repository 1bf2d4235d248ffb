import type { PayloadCodec } from './payload-codec.ts';

/** Octets that may follow a payload and are looked for: a tag, an MKI, or both. */
export const MOST_EXTRA = 64;
/** What senders in use append: nothing, HMAC-SHA1 with 80 and 32 bits, AES-GCM, and those with an MKI of 4, 1, or 2 octets. */
const usual = [0, 10, 4, 16, 14, 8, 20, 11, 5, 17, 12, 6, 18] as const;
/** A frame longer than this is a pause of the sender. */
const LONGEST_FRAME_SECONDS = 0.25;
const none: readonly number[] = [];

/** The most usual of what a packet may be longer by; undefined where nothing fits. */
export function usualExtra(extras: readonly number[]): number | undefined {
  return usual.find((extra) => extras.includes(extra)) ?? extras[0];
}

/** Whether two packets may be longer than their codec makes them by the same. */
export function areFramedAlike(one: readonly number[], other: readonly number[]): boolean {
  if (one === other) return true;
  const [usualOfOne, usualOfOther] = [usualExtra(one), usualExtra(other)];
  if (usualOfOne === undefined || usualOfOther === undefined) return usualOfOne === usualOfOther;
  return one.includes(usualOfOther) || other.includes(usualOfOne);
}

/** Lengths of which it is remembered how much time they take: some senders fill a packet and send the rest in a short one. */
const MOST_LENGTHS = 4;

interface KnownLength {
  readonly length: number;
  readonly units: number;
}

/**
 * By how many octets the payloads of one payload type are longer than what their codec makes of the time that they take. How
 * long that is only the timestamp of the next one shows; until then it is taken for as long as one of that length was before.
 */
export class Framing {
  readonly #lengths: PayloadCodec['lengths'];
  readonly #longestFrame: number;
  readonly #known: KnownLength[] = [];
  #extended = -1;
  #timestamp = 0;
  #length = -1;
  /** Timestamp units from the packet before to the last. */
  #units = 0;
  /** The last packet and the one before it are alike: nothing is to be found out anew. */
  #isSteady = false;
  #extras: readonly number[] = none;
  #settled: readonly number[] | undefined;

  constructor(codec: PayloadCodec | undefined) {
    this.#lengths = codec?.lengths;
    this.#longestFrame = LONGEST_FRAME_SECONDS * (codec?.clockRate ?? 8_000);
  }

  /** Takes the next packet. */
  next(extended: number, timestamp: number, length: number): void {
    const units = extended === this.#extended + 1 ? (timestamp - this.#timestamp) | 0 : 0;
    this.#extended = extended;
    this.#timestamp = timestamp;
    const isAsBefore = units === this.#units && length === this.#length;
    if (isAsBefore && this.#isSteady) return;
    this.#isSteady = isAsBefore;
    this.#settled = units > 0 ? this.#settle(units) : undefined;
    this.#units = units;
    this.#length = length;
    this.#extras = this.#expected(length);
  }

  /** So many octets the last packet may have more than its codec makes; empty where that is not known yet, or none fits. */
  get extras(): readonly number[] {
    return this.#extras;
  }

  /** The same of the packet before it, for certain; undefined where one between them is missing. */
  get settled(): readonly number[] | undefined {
    return this.#settled;
  }

  /** Whether there is a codec whose lengths say something, and the time of a packet is known. */
  get isKnown(): boolean {
    return this.#known.length > 0;
  }

  /** The packet before took so many units, unless the sender paused after it. */
  #settle(units: number): readonly number[] {
    const length = this.#length;
    const extras = units > this.#longestFrame ? none : this.#of(length, units);
    if (extras.length === 0) return none;
    const known = this.#known.findIndex((one) => one.length === length);
    if (known >= 0) this.#known.splice(known, 1);
    else if (this.#known.length >= MOST_LENGTHS) this.#known.shift();
    this.#known.push({ length, units });
    return extras;
  }

  #expected(length: number): readonly number[] {
    const known = this.#known.find((one) => one.length === length) ?? this.#known.at(-1);
    return known === undefined ? none : this.#of(length, known.units);
  }

  #of(length: number, units: number): readonly number[] {
    if (this.#lengths === undefined || length < 0) return none;
    return this.#lengths(units)
      .map((expected) => length - expected)
      .filter((extra) => extra >= 0 && extra <= MOST_EXTRA);
  }
}

/** Counts what packets are longer by. */
export class ExtraCounts {
  readonly #counts = new Uint16Array(MOST_EXTRA + 1);
  packets = 0;

  /** Of one packet; those of which nothing is known are not counted. */
  add(extras: readonly number[] | undefined): void {
    if (extras === undefined) return;
    this.packets++;
    for (const extra of extras) (this.#counts[extra] as number)++;
  }

  clear(): void {
    this.#counts.fill(0);
    this.packets = 0;
  }

  /** What nine of ten packets are longer by, the usual first; undefined where they are of no one mind. */
  get common(): number | undefined {
    const needed = this.packets === 1 ? 1 : Math.max(2, 0.9 * (this.packets - 1));
    for (const extra of usual) if ((this.#counts[extra] as number) >= needed) return extra;
    for (let extra = 1; extra <= MOST_EXTRA; extra++) if ((this.#counts[extra] as number) >= needed) return extra;
    return undefined;
  }
}
