import type { KeyHunt } from '../keys/key-hunt.ts';
import type { Exposure } from '../model/exposure.ts';
import type { ConnectionReader, Recognition } from '../signalling/reader.ts';
import type { ConnectionEnds, ConnectionObserver, ConnectionSide } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';

/** What a connection may turn out to be. */
export interface ConnectionCandidate {
  readonly name: string;
  recogniseConnection(octets: Uint8Array): Recognition;
  /** The same of octets that begin anywhere; given to the reader from there on, who finds the beginning. */
  recogniseWithin?(octets: Uint8Array): Recognition;
  openConnection(ends: ConnectionEnds, exposure: Exposure, depth: number): ConnectionReader;
}

/** Octets of a connection that wait to be recognised. */
export const MOST_HELD_OCTETS = 64 << 10;
/** How often octets that begin nothing known are passed over: a connection that was joined late begins in the middle. */
const MOST_MISSES = 64;

/** Segments of a connection that was joined late in which somebody looks for what begins amid them, and their octets. */
const MOST_LATE_PIECES = 8;
const MOST_LATE_OCTETS = 16 << 10;

/** A segment of which nobody knew what it begins. */
interface LatePiece {
  readonly from: ConnectionSide;
  readonly octets: Uint8Array;
  readonly place: PacketPlace;
}

/** One piece of what a side said, within its octets. */
interface Piece {
  readonly from: ConnectionSide;
  readonly start: number;
  readonly end: number;
  readonly place: PacketPlace;
}

/** What one side said so far. */
class Beginning {
  #octets = new Uint8Array(0);
  length = 0;
  /** With fewer octets nobody is asked again: whoever sends one at a time does not make each be looked at anew. */
  askedAgainAt = 0;

  add(octets: Uint8Array): void {
    const length = this.length + octets.byteLength;
    if (length > this.#octets.byteLength) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#octets.byteLength));
      grown.set(this.#octets.subarray(0, this.length));
      this.#octets = grown;
    }
    this.#octets.set(octets, this.length);
    this.length = length;
  }

  subarray(start: number, end: number): Uint8Array {
    return this.#octets.subarray(start, end);
  }

  clear(): void {
    this.#octets = new Uint8Array(0);
    this.length = 0;
    this.askedAgainAt = 0;
  }
}

/** Up to so many octets it is asked at each segment; beyond, once an eighth more has come. */
const ASKED_EACH_TIME = 256;

/**
 * A connection of which is not known yet what it carries: holds its octets until a candidate says yes, then gives them on in
 * their order. A candidate that wants more is waited for before those after it are heard.
 */
export class ConnectionRecognition implements ConnectionObserver {
  readonly #candidates: readonly ConnectionCandidate[];
  readonly #onRecognised: (name: string) => void;
  readonly #ends: ConnectionEnds;
  readonly #exposure: Exposure;
  readonly #depth: number;
  readonly #hunts: Readonly<Record<ConnectionSide, KeyHunt>>;
  readonly #begun = { client: new Beginning(), server: new Beginning() };
  #pieces: Piece[] = [];
  #reader: ConnectionReader | undefined;
  #misses = 0;
  #late: LatePiece[] = [];

  constructor(
    candidates: readonly ConnectionCandidate[],
    {
      ends,
      exposure,
      depth,
      hunts,
    }: {
      readonly ends: ConnectionEnds;
      readonly exposure: Exposure;
      readonly depth: number;
      /** Look for keys in what each side says, whoever reads it. */
      readonly hunts: Readonly<Record<ConnectionSide, KeyHunt>>;
    },
    onRecognised: (name: string) => void,
  ) {
    this.#candidates = candidates;
    this.#ends = ends;
    this.#exposure = exposure;
    this.#depth = depth;
    this.#hunts = hunts;
    this.#onRecognised = onRecognised;
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#read(from, octets, place);
    this.#hunts[from].piece(octets, place);
  }

  #read(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    if (this.#reader !== undefined) {
      this.#reader.data(from, octets, place);
      return;
    }
    if (this.#misses >= MOST_MISSES || octets.byteLength === 0) return;
    const begun = this.#begun[from];
    const start = begun.length;
    begun.add(octets);
    this.#pieces.push({ from, start, end: begun.length, place });
    const isLast = this.#begun.client.length + this.#begun.server.length > MOST_HELD_OCTETS;
    if (begun.length >= begun.askedAgainAt || isLast) this.#decide(from, isLast);
  }

  gap(from: ConnectionSide, octets: number, place: PacketPlace): void {
    this.#hunts[from].gap();
    if (this.#reader !== undefined) this.#reader.gap(from, octets, place);
    else this.#drop(from);
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    if (this.#reader === undefined && this.#begun[from].length > 0) this.#decide(from, true);
    this.#reader?.ended(from, place);
  }

  /** `isLast`: nothing more is waited for. */
  #decide(from: ConnectionSide, isLast: boolean): void {
    const begun = this.#begun[from];
    const octets = begun.subarray(0, begun.length);
    for (const candidate of this.#candidates) {
      const recognition = candidate.recogniseConnection(octets);
      if (recognition === 'yes') {
        this.#open(candidate);
        return;
      }
      if (recognition === 'more' && !isLast) {
        begun.askedAgainAt = begun.length < ASKED_EACH_TIME ? 0 : begun.length + (begun.length >> 3);
        return;
      }
    }
    const begins = this.#ends.joinedLate ? this.#lookWithin(from, octets) : undefined;
    this.#drop(from);
    this.#misses++;
    if (begins !== undefined) this.#openLate(begins);
  }

  /** Of what was passed over last, this included: who finds something that begins amid it. */
  #lookWithin(from: ConnectionSide, octets: Uint8Array): ConnectionCandidate | undefined {
    const place = this.#pieces.findLast((piece) => piece.from === from)?.place;
    if (place === undefined) return undefined;
    this.#late.push({ from, octets: octets.slice(-MOST_LATE_OCTETS), place });
    const sum = () => this.#late.reduce((all, piece) => all + piece.octets.byteLength, 0);
    while (this.#late.length > MOST_LATE_PIECES || sum() > MOST_LATE_OCTETS) this.#late.shift();
    const all = joined(this.#late.filter((piece) => piece.from === from));
    return this.#candidates.find((candidate) => candidate.recogniseWithin?.(all) === 'yes');
  }

  #openLate(candidate: ConnectionCandidate): void {
    this.#onRecognised(candidate.name);
    const reader = candidate.openConnection(this.#ends, this.#exposure, this.#depth);
    this.#reader = reader;
    // The other side's segments that wait come after those that were passed over.
    const waiting = this.#pieces.map(({ from, start, end, place }) => ({
      from,
      octets: this.#begun[from].subarray(start, end),
      place,
    }));
    const pieces = [...this.#late, ...waiting].toSorted((one, other) => one.place.number - other.place.number);
    for (const { from, octets, place } of pieces) reader.data(from, octets, place);
    this.#late = [];
    this.#pieces = [];
    this.#begun.client.clear();
    this.#begun.server.clear();
  }

  #open(candidate: ConnectionCandidate): void {
    this.#onRecognised(candidate.name);
    const reader = candidate.openConnection(this.#ends, this.#exposure, this.#depth);
    this.#reader = reader;
    this.#late = [];
    for (const { from, start, end, place } of this.#pieces) {
      reader.data(from, this.#begun[from].subarray(start, end), place);
    }
    this.#pieces = [];
    this.#begun.client.clear();
    this.#begun.server.clear();
  }

  #drop(from: ConnectionSide): void {
    this.#begun[from].clear();
    this.#pieces = this.#pieces.filter((piece) => piece.from !== from);
  }
}

function joined(pieces: readonly LatePiece[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { octets }) => sum + octets.byteLength, 0));
  let at = 0;
  for (const { octets } of pieces) {
    all.set(octets, at);
    at += octets.byteLength;
  }
  return all;
}
