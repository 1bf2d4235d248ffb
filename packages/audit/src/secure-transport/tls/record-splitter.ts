import { StreamBuffer } from '@trustline/base';
import type { Recognition } from '../../signalling/reader.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { isRecordHeader, LARGEST_RECORD, RECORD_HEADER } from '../recognise.ts';

/** One record of TLS as it crossed the network. `fragment` is a view, valid during the call alone. */
export interface TlsRecord {
  readonly type: number;
  readonly version: number;
  readonly fragment: Uint8Array;
  /** The five octets before it, which some ciphers authenticate. */
  readonly header: Uint8Array;
  /** Both. */
  readonly whole: Uint8Array;
  /** Of the packet that completed it. */
  readonly place: PacketPlace;
}

export interface RecordSink {
  record(record: TlsRecord): void;
  /** A record, or some, of which octets are missing; so many octets in all. */
  lost(octets: number, place: PacketPlace): void;
  /**
   * Whether the record that was found after a gap is one: `unsure` where nothing can be verified, and the head of the next must do.
   */
  verifies(record: TlsRecord): 'yes' | 'no' | 'unsure';
}

/** What waits for the end of a record, and of the next to compare with while the place is lost. */
const MOST_HELD = 2 * (RECORD_HEADER + LARGEST_RECORD);

/** Cuts the octets of one side into records. After a gap it goes on at the next place where a record begins and verifies. */
export class RecordSplitter {
  readonly #sink: RecordSink;
  readonly #held = new StreamBuffer();
  /** Octets of a damaged record that are still to come, after which its successor begins. */
  #toSkip = 0;
  #isSearching: boolean;
  /** Octets that were passed over in the search for a record. */
  searched = 0;

  constructor(sink: RecordSink, isSearching = false) {
    this.#sink = sink;
    this.#isSearching = isSearching;
  }

  /** Octets that wait for the rest of their record. */
  get held(): number {
    return this.#held.held;
  }

  push(octets: Uint8Array, place: PacketPlace): void {
    const skipped = Math.min(this.#toSkip, octets.byteLength);
    this.#toSkip -= skipped;
    if (skipped === octets.byteLength) return;
    this.#held.push(octets.subarray(skipped));
    this.#read(place, false);
    this.#held.keep();
  }

  /** So many octets are not in the capture. */
  gap(octets: number, place: PacketPlace): void {
    this.#read(place, true);
    const held = this.#view();
    const wanted = this.#toSkip > 0 ? this.#toSkip : missingOf(held);
    this.#held.drop();
    this.#toSkip = 0;
    if (!this.#isSearching && wanted !== undefined && wanted >= octets) this.#toSkip = wanted - octets;
    else this.#isSearching = true;
    this.#sink.lost(held.byteLength + octets, place);
  }

  /** No octets follow: a record that was found after a gap and ends here is taken as one. */
  end(place: PacketPlace): void {
    this.#read(place, true);
    this.#held.drop();
  }

  /** There is no room for what waits: it is lost, and so is the place. */
  giveUp(place: PacketPlace): void {
    const { held } = this.#held;
    this.#held.drop();
    this.#isSearching = true;
    this.#sink.lost(held, place);
  }

  #view(): Uint8Array {
    return this.#held.bytes.subarray(this.#held.start, this.#held.end);
  }

  #read(place: PacketPlace, isLast: boolean): void {
    for (;;) {
      if (this.#isSearching && !this.#search(place, isLast)) return;
      const record = recordAt(this.#view(), 0, place);
      if (record === 'more') return;
      if (record === 'none') {
        this.#isSearching = true;
        this.#sink.lost(0, place);
        continue;
      }
      this.#held.start += RECORD_HEADER + record.fragment.byteLength;
      this.#sink.record(record);
    }
  }

  /** Whether a record was found: it is the first of what is held then. Otherwise the first may become one. */
  #search(place: PacketPlace, isLast: boolean): boolean {
    const octets = this.#view();
    for (let at = 0; at < octets.byteLength; at++) {
      const type = octets[at] ?? 0;
      if (type < 20 || type > 24 || !isRecordHeader(octets.subarray(at, at + RECORD_HEADER))) continue;
      const found = this.#isFoundAt(octets, at, place, isLast);
      if (found === 'no') continue;
      this.#pass(at);
      if (found === 'more') return false;
      this.#isSearching = false;
      return true;
    }
    this.#pass(octets.byteLength);
    return false;
  }

  #isFoundAt(octets: Uint8Array, at: number, place: PacketPlace, isLast: boolean): Recognition {
    const record = recordAt(octets, at, place);
    if (record === 'none') return 'no';
    if (record === 'more') return isLast ? 'no' : 'more';
    const verified = this.#sink.verifies(record);
    if (verified !== 'unsure') return verified;
    const next = octets.subarray(at + RECORD_HEADER + record.fragment.byteLength);
    if (!isRecordHeader(next)) return 'no';
    if (next.byteLength >= RECORD_HEADER || isLast) return 'yes';
    return octets.byteLength - at < MOST_HELD ? 'more' : 'no';
  }

  #pass(count: number): void {
    this.searched += count;
    this.#held.start += count;
  }
}

function recordAt(octets: Uint8Array, at: number, place: PacketPlace): TlsRecord | 'more' | 'none' {
  const header = octets.subarray(at, at + RECORD_HEADER);
  if (!isRecordHeader(header)) return 'none';
  if (header.byteLength < RECORD_HEADER) return 'more';
  const start = at + RECORD_HEADER;
  const end = start + (((header[3] ?? 0) << 8) | (header[4] ?? 0));
  if (octets.byteLength < end) return 'more';
  const version = ((header[1] ?? 0) << 8) | (header[2] ?? 0);
  return {
    type: header[0] ?? 0,
    version,
    fragment: octets.subarray(start, end),
    header,
    whole: octets.subarray(at, end),
    place,
  };
}

/** How much of the record that begins here has not come; undefined while its head is not whole. */
function missingOf(held: Uint8Array): number | undefined {
  if (held.byteLength < RECORD_HEADER) return undefined;
  return RECORD_HEADER + (((held[3] ?? 0) << 8) | (held[4] ?? 0)) - held.byteLength;
}
