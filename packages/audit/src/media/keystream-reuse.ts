import { OctetCounts } from '../signal/uniformity.ts';
import type { PacketPlace } from '../traffic/place.ts';

/** Of each sender the payloads of one sequence number in 16 are kept at first, then of one in 256. */
const OFTEN = 16;
const SELDOM = 256;
const OFTEN_KEPT = 48;
const MOST_KEPT = 128;
const LONGEST_KEPT = 160;
/** Octets of all that is kept. */
const MOST_OCTETS = 16 * 1024 * 1024;
/** Streams of one SSRC that are compared. */
const MOST_OF_AN_SSRC = 4;
/** Sequence numbers and octets that have to be compared, and how far from even what they differ in has to be. */
const FEWEST_PACKETS = 4;
const FEWEST_OCTETS = 480;
/** Standard deviations: two different keystreams pass it less than once in 10^18 comparisons. */
const DEVIATION = 9;

interface Kept {
  readonly stream: object;
  readonly payloads: Map<number, Uint8Array>;
}

interface Pair {
  readonly other: object;
  readonly counts: OctetCounts;
  packets: number;
  first: PacketPlace;
}

export interface ReusedKeystream {
  /** The stream that had it first; the same for a sender that began anew. */
  readonly other: object;
  readonly packets: number;
  readonly first: PacketPlace;
}

/**
 * Finds keystream that was used twice: under one key the same SSRC and sequence number give the same keystream, and the
 * difference of two ciphertexts is that of what was said (RFC 3711 §9.1), which is not even as that of two ciphers is. Of well
 * compressed codecs it is nearly even, and goes unnoticed here.
 */
export class KeystreamBook {
  readonly #bySsrc = new Map<number, Kept[]>();
  readonly #pairs = new Map<object, Pair[]>();
  #octets = 0;

  /** A payload that nobody could read without a key. */
  add(stream: object, ssrc: number, sequenceNumber: number, packet: Uint8Array, payloadAt: number, place: PacketPlace) {
    if (sequenceNumber % OFTEN !== 0) return;
    const payload = packet.subarray(payloadAt);
    let ofSsrc = this.#bySsrc.get(ssrc);
    if (ofSsrc === undefined) {
      ofSsrc = [];
      this.#bySsrc.set(ssrc, ofSsrc);
    }
    for (const kept of ofSsrc) {
      const other = kept.payloads.get(sequenceNumber);
      if (other !== undefined) this.#compare(stream, kept.stream, payload, other, place);
    }
    this.#keep(ofSsrc, stream, sequenceNumber, payload);
  }

  /** What the stream shares with one before it. */
  of(stream: object): ReusedKeystream | undefined {
    return this.#pairs
      .get(stream)
      ?.find(
        ({ packets, counts }) =>
          packets >= FEWEST_PACKETS && counts.total >= FEWEST_OCTETS && Math.abs(counts.deviation) > DEVIATION,
      );
  }

  #keep(ofSsrc: Kept[], stream: object, sequenceNumber: number, payload: Uint8Array): void {
    let own = ofSsrc.find((kept) => kept.stream === stream);
    if (own === undefined) {
      if (ofSsrc.length >= MOST_OF_AN_SSRC) return;
      own = { stream, payloads: new Map() };
      ofSsrc.push(own);
    }
    const { payloads } = own;
    const isKept = payloads.size < OFTEN_KEPT || (sequenceNumber % SELDOM === 0 && payloads.size < MOST_KEPT);
    if (!isKept || payloads.has(sequenceNumber) || this.#octets >= MOST_OCTETS) return;
    const octets = payload.slice(0, LONGEST_KEPT);
    payloads.set(sequenceNumber, octets);
    this.#octets += octets.byteLength;
  }

  #compare(stream: object, other: object, payload: Uint8Array, kept: Uint8Array, place: PacketPlace): void {
    const length = Math.min(payload.byteLength, kept.byteLength);
    // The same packet once more, by another interface or from a relay, is no other ciphertext.
    if (isSame(payload, kept, length)) return;
    let pairs = this.#pairs.get(stream);
    if (pairs === undefined) {
      pairs = [];
      this.#pairs.set(stream, pairs);
    }
    let pair = pairs.find((one) => one.other === other);
    if (pair === undefined) {
      pair = { other, counts: new OctetCounts(), packets: 0, first: place };
      pairs.push(pair);
    }
    pair.counts.addDifference(payload, kept, length);
    pair.packets++;
  }
}

function isSame(one: Uint8Array, other: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return false;
  return true;
}
