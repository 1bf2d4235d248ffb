/** What the octets of a law of G.711 stand for: each is a sample by itself, and may be looked up as it is. */
export interface Companding {
  readonly sampleOf: Int16Array;
  readonly squareOf: Float64Array;
  /** Octets XOR this have a greater magnitude the greater their lower seven bits are; bit 7 is their sign (ITU-T G.711). */
  readonly inversion: number;
  /** By those seven bits. */
  readonly magnitudeOf: Uint16Array;
}

/** `decode` is that of the law. */
export function companding(decode: (octets: Uint8Array, out: Int16Array) => void, inversion: number): Companding {
  const sampleOf = new Int16Array(256);
  decode(
    Uint8Array.from(sampleOf, (_, octet) => octet),
    sampleOf,
  );
  return {
    sampleOf,
    squareOf: Float64Array.from(sampleOf, (sample) => sample * sample),
    inversion,
    magnitudeOf: Uint16Array.from({ length: 128 }, (_, code) => Math.abs(sampleOf[code ^ inversion] as number)),
  };
}

/** Writes the samples of octets from `from` to `to`, the first at `intoAt`. */
export function expand(
  { sampleOf }: Companding,
  octets: Uint8Array,
  from: number,
  to: number,
  into: Int16Array,
  intoAt: number,
): void {
  const shift = intoAt - from;
  for (let at = from; at < to; at++) into[at + shift] = sampleOf[octets[at] as number] as number;
}

/** What is said of some samples, filled in anew for each. */
export class BlockMeasure {
  /** The sum of their squares. */
  energy = 0;
  /** The greatest magnitude of every second of them. */
  peak = 0;

  /** Of octets from `from` to `to`. No sample is made. */
  read(law: Companding, octets: Uint8Array, from: number, to: number): void {
    const { squareOf, inversion } = law;
    let energy = 0;
    let other = 0;
    let greatest = 0;
    let at = from;
    // Two sums and four octets at a time: each sum would wait for its last addition otherwise.
    for (; at + 3 < to; at += 4) {
      const first = octets[at] as number;
      const third = octets[at + 2] as number;
      energy += (squareOf[first] as number) + (squareOf[octets[at + 1] as number] as number);
      other += (squareOf[third] as number) + (squareOf[octets[at + 3] as number] as number);
      greatest = Math.max(greatest, (first ^ inversion) & 0x7f, (third ^ inversion) & 0x7f);
    }
    for (let isLookedAt = true; at < to; at++, isLookedAt = !isLookedAt) {
      const octet = octets[at] as number;
      energy += squareOf[octet] as number;
      if (isLookedAt) greatest = Math.max(greatest, (octet ^ inversion) & 0x7f);
    }
    this.energy = energy + other;
    this.peak = law.magnitudeOf[greatest] as number;
  }
}

/** How often the sign changes from octet to octet. */
export function crossingsOf(octets: Uint8Array, from: number, to: number): number {
  let crossings = 0;
  let before = octets[from] as number;
  for (let at = from; at < to; at++) {
    const octet = octets[at] as number;
    crossings = (crossings + ((octet ^ before) >> 7)) | 0;
    before = octet;
  }
  return crossings;
}
