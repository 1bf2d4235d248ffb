import { OctetCounts } from '../signal/uniformity.ts';
import type { PacketPlace } from '../traffic/place.ts';

/** Of each sender the payloads of one sequence number in 8 are kept at first, then of one in 256. */
const OFTEN = 8;
const SELDOM = 256;
const OFTEN_KEPT = 48;
const MOST_KEPT = 128;
const LONGEST_KEPT = 160;
/** Octets of all that is kept. */
const MOST_OCTETS = 16 * 1024 * 1024;
const BLOCK = 64 * 1024;
/** Streams of one SSRC that are compared. */
const MOST_OF_AN_SSRC = 4;
/** Sequence numbers and octets that have to be compared, and how far from even what they differ in has to be. */
const FEWEST_PACKETS = 4;
const FEWEST_OCTETS = 480;
/** Standard deviations: two different keystreams pass it less than once in 10^18 comparisons. */
const DEVIATION = 9;
/** Packets that were looked at between two of one number where the numbers came round, some losses allowed for. */
const ROUND = (0.8 * 65_536) / OFTEN;
/** Bits that the form of frames speaks for one keystream; two different ones pass them less than once in 10^7 comparisons. */
const FORM_BITS = 24;

/** What opened a packet: the same key and rollover counter make the same keystream. */
export interface KnownKeystream {
  readonly key: object;
  readonly rolloverCounter: number;
}

interface KeptPayload {
  readonly octets: Uint8Array;
  readonly known: KnownKeystream | undefined;
  /** So many packets of its stream were looked at before it. */
  readonly at: number;
  readonly place: PacketPlace;
}

class StoredPayload implements KeptPayload {
  readonly known: KnownKeystream | undefined;
  readonly at: number;
  readonly place: PacketPlace;
  readonly #block: Uint8Array;
  readonly #from: number;
  readonly #length: number;

  constructor(block: Uint8Array, from: number, length: number, { known, at, place }: KeptPayload) {
    this.#block = block;
    this.#from = from;
    this.#length = length;
    this.known = known;
    this.at = at;
    this.place = place;
  }

  get octets(): Uint8Array {
    return this.#block.subarray(this.#from, this.#from + this.#length);
  }
}

interface Kept {
  readonly stream: object;
  readonly payloads: Map<number, KeptPayload>;
  /** Packets that were looked at. */
  seen: number;
}

interface Pair {
  /** The two streams; the same one twice for a sender that began anew. */
  readonly streams: readonly [object, object];
  readonly counts: OctetCounts;
  /** What two packets under one keystream leave of the form of their frames, in bits: of Opus and AMR, of GSM, of G.729. */
  readonly bits: [number, number, number];
  /** A key opened both. */
  isCertain: boolean;
  packets: number;
  /** The first two packets that were compared, in their order. */
  readonly first: readonly [PacketPlace, PacketPlace];
}

export interface ReusedKeystream {
  /** The other stream that has it; the same for a sender that began anew. */
  readonly other: object;
  readonly packets: number;
  /** Two packets of one number, in their order. */
  readonly first: readonly [PacketPlace, PacketPlace];
  /** Or else only the same numbers came twice with different contents: under another key, or not. */
  readonly isShown: boolean;
}

/**
 * Finds keystream that was used twice: under one key the same SSRC and sequence number give the same keystream, and the
 * difference of two ciphertexts is that of what was said (RFC 3711 §9.1), which is not even as that of two ciphers is. Of well
 * compressed codecs it is nearly even, but for what all of their frames have in common. Where a key opens both, it is certain.
 */
export class KeystreamBook {
  readonly #bySsrc = new Map<number, Kept[]>();
  readonly #pairs = new Map<object, Pair[]>();
  #octets = 0;
  /** What is kept lies in few blocks, one payload after the other: an array for each would take thrice as much. */
  #block = new Uint8Array(0);
  #blockTo = 0;

  /** Whether packets of that number are compared. */
  static compares(sequenceNumber: number): boolean {
    return sequenceNumber % OFTEN === 0;
  }

  /** A payload that nobody could read without a key; `known`: what opened it. */
  add(
    stream: object,
    ssrc: number,
    sequenceNumber: number,
    packet: Uint8Array,
    payloadAt: number,
    place: PacketPlace,
    known?: KnownKeystream,
  ): void {
    if (!KeystreamBook.compares(sequenceNumber)) return;
    const payload = packet.subarray(payloadAt);
    let ofSsrc = this.#bySsrc.get(ssrc);
    if (ofSsrc === undefined) {
      ofSsrc = [];
      this.#bySsrc.set(ssrc, ofSsrc);
    }
    const own = this.#ownOf(ofSsrc, stream);
    const at = own === undefined ? 0 : own.seen++;
    const one = { octets: payload, known, at, place };
    for (const kept of ofSsrc) {
      const other = kept.payloads.get(sequenceNumber);
      // A number that comes round is another index (RFC 3711 §3.3.1).
      if (other === undefined || (kept === own && at - other.at > ROUND)) continue;
      this.#compare(stream, kept.stream, one, other);
    }
    if (own !== undefined) this.#keep(own, sequenceNumber, one);
  }

  /** What the stream shares with another: both of them are read by it, whichever was first. */
  of(stream: object): ReusedKeystream | undefined {
    const pairs = this.#pairs.get(stream) ?? [];
    const shown = pairs.find(isShown);
    if (shown !== undefined) return { ...shown, other: otherOf(shown, stream), isShown: true };
    // Nothing is known of the key: of two streams at once the same numbers are an accident, of one they are not.
    const again = pairs.find((pair) => otherOf(pair, stream) === stream && pair.packets >= FEWEST_PACKETS);
    return again === undefined ? undefined : { ...again, other: stream, isShown: false };
  }

  #ownOf(ofSsrc: Kept[], stream: object): Kept | undefined {
    const known = ofSsrc.find((kept) => kept.stream === stream);
    if (known !== undefined || ofSsrc.length >= MOST_OF_AN_SSRC) return known;
    const own = { stream, payloads: new Map(), seen: 0 };
    ofSsrc.push(own);
    return own;
  }

  #keep({ payloads }: Kept, sequenceNumber: number, payload: KeptPayload): void {
    const { octets } = payload;
    const isKept = payloads.size < OFTEN_KEPT || (sequenceNumber % SELDOM === 0 && payloads.size < MOST_KEPT);
    if (!isKept || payloads.has(sequenceNumber) || this.#octets >= MOST_OCTETS) return;
    const length = Math.min(octets.byteLength, LONGEST_KEPT);
    if (this.#blockTo + length > this.#block.byteLength) {
      this.#block = new Uint8Array(BLOCK);
      this.#blockTo = 0;
    }
    this.#block.set(length === octets.byteLength ? octets : octets.subarray(0, length), this.#blockTo);
    payloads.set(sequenceNumber, new StoredPayload(this.#block, this.#blockTo, length, payload));
    this.#blockTo += length;
    this.#octets += length;
  }

  #compare(stream: object, other: object, one: KeptPayload, before: KeptPayload): void {
    const [payload, kept] = [one.octets, before.octets];
    const length = Math.min(payload.byteLength, kept.byteLength);
    // The same packet once more, by another interface or from a relay, is no other ciphertext.
    if (isSame(payload, kept, length)) return;
    const pair = this.#pairOf(stream, other, [before.place, one.place]);
    pair.counts.addDifference(payload, kept, length);
    pair.packets++;
    if (length >= 4) compareForms(pair.bits, payload, kept);
    const [known, knownBefore] = [one.known, before.known];
    if (known === undefined || knownBefore === undefined || known.key !== knownBefore.key) return;
    // Another counter is another keystream, and so is none of what was compared here.
    if (known.rolloverCounter === knownBefore.rolloverCounter) pair.isCertain = true;
  }

  /** One of the two for both of them. */
  #pairOf(stream: object, other: object, first: readonly [PacketPlace, PacketPlace]): Pair {
    const known = this.#pairs.get(stream)?.find((pair) => otherOf(pair, stream) === other);
    if (known !== undefined) return known;
    const pair: Pair = {
      streams: [stream, other],
      counts: new OctetCounts(),
      bits: [0, 0, 0],
      isCertain: false,
      packets: 0,
      first,
    };
    for (const one of new Set(pair.streams)) {
      const pairs = this.#pairs.get(one);
      if (pairs === undefined) this.#pairs.set(one, [pair]);
      else pairs.push(pair);
    }
    return pair;
  }
}

function otherOf({ streams: [one, other] }: Pair, stream: object): object {
  return one === stream ? other : one;
}

function isShown({ packets, counts, bits, isCertain }: Pair): boolean {
  if (isCertain) return true;
  if (packets < FEWEST_PACKETS) return false;
  if (bits.some((one) => one >= FORM_BITS)) return true;
  return counts.total >= FEWEST_OCTETS && Math.abs(counts.deviation) > DEVIATION;
}

/**
 * First octets that are the same of all packets leave nothing, nor does the signature of GSM (RFC 3551 §4.5.8); the parity of the
 * pitch delay (ITU-T G.729 §3.7.2), which is odd in both, comes out even.
 */
function compareForms(bits: [number, number, number], one: Uint8Array, other: Uint8Array): void {
  const difference = (at: number) => (one[at] as number) ^ (other[at] as number);
  const first = difference(0);
  let covered = (difference(2) & 0x3f) | ((difference(3) & 0x20) << 1);
  let isOdd = false;
  for (; covered !== 0; covered &= covered - 1) isOdd = !isOdd;
  const weights = [first === 0 ? 6.4 : -3, first >> 4 === 0 ? 4 : -6, isOdd ? -6 : 1];
  for (const [at, weight] of weights.entries()) bits[at] = Math.max(0, (bits[at] as number) + weight);
}

function isSame(one: Uint8Array, other: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return false;
  return true;
}
