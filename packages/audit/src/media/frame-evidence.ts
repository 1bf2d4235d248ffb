import type { PayloadCodec } from './payload-codec.ts';

/** Bits from which packets are taken for frames in the clear: of a cipher's output one packet in 2^32 comes so far. */
export const FRAMES = 32;
/** Bits from which some packets, the rest of them, are doubted; and where they are the first of all. */
const DOUBTFUL = 24;
const DOUBTFUL_AT_FIRST = 16;
/** What is known for certain is not known better: packets of another kind that follow are soon seen as such. */
const MOST_BITS = 48;

/**
 * Bits that a payload speaks for the codec, against what a cipher would make; 0 where it says nothing. `units`: of its timestamp since
 * the packet before, 0 where one between them is missing. `before`: the first octet of the packet before, -1 where there is none.
 */
type Weigh = (octets: Uint8Array, at: number, length: number, units: number, before: number) => number;

/** First octets that stay: those of Opus, AMR and what else begins with how it is coded. */
const beginsAsBefore: Weigh = (octets, at, _length, _units, before) =>
  before < 0 ? 0 : octets[at] === before ? 6.4 : -3;

/** RFC 6716 §3.1: the first octet says how long a packet lasts, and the timestamp of the next has to agree. */
const opus: Weigh = (octets, at, _length, units, before) => {
  if (units <= 0 || before < 0) return 0;
  if (units !== opusDuration(before)) return -6;
  return octets[at] === before ? 8 : -1;
};

/** Timestamp units that a packet of one or two frames lasts, by its first octet; 0 where that octet alone does not say it. */
function opusDuration(toc: number): number {
  const configuration = toc >> 3;
  const frame =
    configuration < 12
      ? ([480, 960, 1_920, 2_880][configuration & 3] as number)
      : configuration < 16
        ? ([480, 960][configuration & 1] as number)
        : 120 << (configuration & 3);
  const code = toc & 3;
  return code === 3 ? 0 : code === 0 ? frame : 2 * frame;
}

/** ITU-T G.729 §3.7.2: a bit of each frame makes the parity of the six high bits of its pitch delay odd. */
const g729: Weigh = (octets, at, length) => {
  if (length < 10) return 0;
  // A silence descriptor of two octets may follow (RFC 3551 §4.5.6).
  if (!isOfFrames(length, 10)) return length % 10 === 2 ? 0 : -6;
  const covered = ((octets[at + 2] as number) & 0x3f) | (((octets[at + 3] as number) & 0x20) << 1);
  let ones = 0;
  for (let rest = covered; rest !== 0; rest &= rest - 1) ones++;
  return ones % 2 === 1 ? 1 : -6;
};

/** RFC 3551 §4.5.8: each frame begins with the signature 1101. */
const gsm: Weigh = (octets, at, length) => {
  if (length < 33) return 0;
  if (!isOfFrames(length, 33)) return -6;
  return (octets[at] as number) >> 4 === 0xd ? 4 : -6;
};

/** RFC 3951 §3.8: the last bit of a frame, of 38 octets or 50, is zero unless the frame is empty. */
const ilbc: Weigh = (octets, at, length) => {
  if (length < 38) return 0;
  return ((octets[at + (length < 50 ? 37 : 49)] as number) & 1) === 0 ? 1 : -6;
};

/** Octets that follow frames: none, a tag of SRTP, and one with an MKI of four octets. */
const tails = [0, 4, 10, 14, 16, 20] as const;
/** Frames that a packet of voice has, at the most. */
const MOST_FRAMES = 20;

/** Whether so many octets are whole frames, with a tag behind them or not: other things begin so, too. */
function isOfFrames(length: number, frame: number): boolean {
  return length <= MOST_FRAMES * frame && tails.some((tail) => length > tail && (length - tail) % frame === 0);
}

interface Trail {
  /** Whose frames they are, as its registration writes it; undefined where only the beginnings say that they are some. */
  readonly codec: string | undefined;
  readonly weigh: Weigh;
  /** Where no length tells its packets from those of SRTP: a few of them are doubted. */
  readonly isDoubted: boolean;
  bits: number;
  /** The packet with which they began to add up, and that with which they were most, as they are counted here. */
  from: number;
  to: number;
  most: number;
}

/** Packets that may be in the clear among others: how many, and how many came after them. */
export interface DoubtfulPackets {
  readonly packets: number;
  readonly after: number;
}

const ofCodecs: Readonly<Record<string, Weigh>> = { opus, G729: g729, GSM: gsm, iLBC: ilbc };

/**
 * Whether packets are frames of a codec, by what its frames have in common and the output of a cipher has by chance alone. The bits
 * for it are added up, those against it taken away, and never fall below none (a cumulative sum, Page 1954): so a few packets are
 * found among many. Frames that are compressed so well that their octets are as even as those of a cipher are told from them by it.
 */
export class FrameEvidence {
  readonly #trails: readonly Trail[];
  #packets = 0;
  #before = -1;
  #timestamp = 0;
  #extended = -1;
  #doubtful: DoubtfulPackets | undefined;

  /** Of a codec that is not known, those which it may be are tried. */
  constructor(codec: PayloadCodec | undefined) {
    const names = codec === undefined ? ['opus', 'G729', 'GSM'] : [codec.name].filter((name) => name in ofCodecs);
    this.#trails = [
      trail(undefined, beginsAsBefore),
      ...names.map((name) => trail(name, ofCodecs[name] as Weigh, codec === undefined || codec.lengths === undefined)),
    ];
  }

  /** Takes the next packet. */
  next(octets: Uint8Array, at: number, length: number, timestamp: number, extended: number): void {
    const units = extended === this.#extended + 1 ? (timestamp - this.#timestamp) | 0 : 0;
    this.#extended = extended;
    this.#timestamp = timestamp;
    this.#doubtful = undefined;
    this.#packets++;
    const before = this.#before;
    for (const one of this.#trails) this.#add(one, length === 0 ? 0 : one.weigh(octets, at, length, units, before));
    this.#before = length === 0 ? -1 : (octets[at] as number);
  }

  /** How sure it is of the latest packets. */
  get bits(): number {
    return this.#strongest.bits;
  }

  /** Whose frames the latest packets are, where they are so for certain. */
  get codec(): string | undefined {
    for (const { codec, bits } of this.#trails) if (codec !== undefined && bits >= FRAMES) return codec;
    return undefined;
  }

  /** So many of the latest packets speak for it. */
  get packets(): number {
    return this.#packets - this.#strongest.from + 1;
  }

  /** Those before the last packet that were too few to be sure of. */
  get doubtful(): DoubtfulPackets | undefined {
    return this.#doubtful;
  }

  /** What comes is of another kind. */
  forget(): void {
    this.#before = -1;
    for (const one of this.#trails) forgetTrail(one);
  }

  get #strongest(): Trail {
    let strongest = this.#trails[0] as Trail;
    for (const one of this.#trails) if (one.bits > strongest.bits) strongest = one;
    return strongest;
  }

  #add(one: Trail, weight: number): void {
    if (one.bits === 0) {
      // The first octet of the packet before is of it, too.
      if (weight > 0) one.from = one.codec === 'opus' || one.codec === undefined ? this.#packets - 1 : this.#packets;
      one.most = 0;
    }
    if (weight < 0 && one.isDoubted && isDoubtful(one)) {
      this.#doubtful = { packets: one.to - one.from + 1, after: this.#packets - one.to };
      forgetTrail(one);
      return;
    }
    one.bits = Math.min(MOST_BITS, Math.max(0, one.bits + weight));
    if (one.bits <= one.most) return;
    one.most = one.bits;
    one.to = this.#packets;
  }
}

function trail(codec: string | undefined, weigh: Weigh, isDoubted = false): Trail {
  return { codec, weigh, isDoubted, bits: 0, from: 0, to: 0, most: 0 };
}

function forgetTrail(one: Trail): void {
  one.bits = 0;
  one.most = 0;
}

function isDoubtful({ from, most }: Trail): boolean {
  return most < FRAMES && most >= (from <= 1 ? DOUBTFUL_AT_FIRST : DOUBTFUL);
}
