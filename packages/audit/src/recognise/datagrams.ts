import type { FlowKey } from '@trustline/capture';
import type { DatagramReader } from '../signalling/reader.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { DatagramObserver } from '../traffic/traffic.ts';
import type { ProtocolCount } from './tally.ts';

/** What a datagram may turn out to be. */
export interface DatagramCandidate {
  readonly count: ProtocolCount;
  /** `key`: between which two ports, for what only tells itself there. */
  recogniseDatagram(octets: Uint8Array, key: FlowKey): boolean;
  readonly reader: DatagramReader;
  /** The protocol above IP (IANA) that is of it alone. */
  readonly protocol?: number | undefined;
  /** The name of one that is asked before media are, in a flow where this was recognised. */
  readonly opensWayFor?: string | undefined;
}

/** Takes what looks like RTP, RTCP or ZRTP; false where it is none. */
export interface MediaWatch {
  datagram(octets: Uint8Array, place: PacketPlace, isCut: boolean): boolean;
  /** Told of what nothing explains: it may go beside media. */
  unexplained?(octets: Uint8Array, place: PacketPlace): void;
}

/** Looks into what is no media, whoever reads it, for what lies open in it. */
export interface DatagramHunt {
  datagram(octets: Uint8Array, place: PacketPlace): void;
}

/** After so many datagrams that are of nothing known only some of them are looked at. */
const MISSES_BEFORE_SAMPLES = 128;
const SAMPLE = 16;

/**
 * The datagrams of one direction between two ports. Several protocols may share them (RFC 7983), so each is looked at by itself:
 * media by its first octet, others by whoever recognises them, first by who did last.
 */
export class DatagramFlow implements DatagramObserver {
  readonly #key: FlowKey;
  readonly #candidates: readonly DatagramCandidate[];
  readonly #media: MediaWatch;
  readonly #mediaCount: ProtocolCount;
  readonly #unknown: ProtocolCount;
  readonly #hunt: DatagramHunt;
  #last: DatagramCandidate | undefined;
  /** Asked before media are: what it carries may look like anything. */
  #first: DatagramCandidate | undefined;
  #misses = 0;

  constructor(
    key: FlowKey,
    {
      candidates,
      media,
      mediaCount,
      unknown,
      hunt,
    }: {
      readonly candidates: readonly DatagramCandidate[];
      readonly media: MediaWatch;
      readonly mediaCount: ProtocolCount;
      readonly unknown: ProtocolCount;
      readonly hunt: DatagramHunt;
    },
  ) {
    this.#key = key;
    this.#candidates = candidates;
    this.#media = media;
    this.#mediaCount = mediaCount;
    this.#unknown = unknown;
    this.#hunt = hunt;
    this.#first = candidates.find(({ protocol }) => protocol === key.protocol);
  }

  datagram(octets: Uint8Array, place: PacketPlace, isCut: boolean): void {
    if (this.#first?.recogniseDatagram(octets, this.#key) === true) {
      this.#give(this.#first, octets, place, isCut);
      return;
    }
    const first = octets[0] ?? 0;
    if ((first >> 6 === 2 || first >> 4 === 1) && this.#media.datagram(octets, place, isCut)) {
      this.#mediaCount.packets++;
      return;
    }
    const candidate = this.#recognised(octets);
    if (candidate === undefined) {
      this.#unknown.packets++;
      this.#media.unexplained?.(octets, place);
    } else this.#give(candidate, octets, place, isCut);
    // Afterwards: what a reader has understood is explained.
    this.#hunt.datagram(octets, place);
  }

  #give(candidate: DatagramCandidate, octets: Uint8Array, place: PacketPlace, isCut: boolean): void {
    candidate.count.packets++;
    candidate.reader.datagram(this.#key.source, this.#key.destination, octets, place, isCut);
    if (candidate.opensWayFor !== undefined) {
      this.#first ??= this.#candidates.find(({ count }) => count.name === candidate.opensWayFor);
    }
  }

  #recognised(octets: Uint8Array): DatagramCandidate | undefined {
    const key = this.#key;
    if (this.#last?.recogniseDatagram(octets, key) === true) return this.#last;
    if (this.#misses >= MISSES_BEFORE_SAMPLES && this.#misses % SAMPLE !== 0) {
      this.#misses++;
      return undefined;
    }
    for (const candidate of this.#candidates) {
      if (candidate === this.#last || !candidate.recogniseDatagram(octets, key)) continue;
      this.#last = candidate;
      this.#misses = 0;
      return candidate;
    }
    this.#misses++;
    return undefined;
  }
}
