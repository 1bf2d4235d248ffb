import { StreamBuffer } from '@trustline/base';
import { messageKindOf, type SccpFrame } from '@trustline/sccp';
import type { Recognition } from '../reader.ts';

/** `length u32 | header version u32 | message id u32`, little-endian. */
const HEADER_LENGTH = 12;
/** Longest message id and body that are read, in octets; the longest that are known have 2,408. */
const LONGEST_MESSAGE = 8_192;
/** Headers say zero or a protocol version, of which 22 is the newest seen. */
const HIGHEST_VERSION = 64;

/** What the octets at `at` may be: the header of a message that is known, of one that may be, or none. */
export function headerAt(octets: Uint8Array, at: number): 'known' | 'possible' | 'cut' | 'none' {
  const here = octets.byteLength - at;
  const number = (from: number) => littleEndian(octets, at + from, Math.min(4, here - from));
  // What of a header is there must be right already: its high octets are zeros.
  if (here > 0 && number(0) > LONGEST_MESSAGE) return 'none';
  if (here >= 4 && number(0) < 4) return 'none';
  if (here > 4 && number(4) > HIGHEST_VERSION) return 'none';
  if (here > 8 && number(8) > 0xffff) return 'none';
  if (here < HEADER_LENGTH) return 'cut';
  return messageKindOf(number(8)) === undefined ? 'possible' : 'known';
}

function littleEndian(octets: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (octets[at + i] ?? 0);
  return value;
}

/**
 * Cuts one side of a connection into messages, however it is fragmented. Where octets are missing, or stand that can be
 * none, it goes on at the next header that is known and that another follows. Holds less than a message and a segment.
 */
export class SkinnyStream {
  readonly #received = new StreamBuffer();
  #isLost = false;

  /** Call `next` until it gives nothing more before `chunk` changes. */
  push(chunk: Uint8Array): void {
    this.#received.push(chunk);
  }

  /** Octets are missing here: what began before them does not end. */
  gap(): void {
    this.#received.drop();
    this.#isLost = true;
  }

  /** The next whole message, valid until the next call; undefined while more must come. */
  next(): SccpFrame | undefined {
    const received = this.#received;
    for (;;) {
      if (this.#isLost && !this.#find()) return received.keep();
      const octets = received.bytes.subarray(received.start, received.end);
      const header = headerAt(octets, 0);
      if (header === 'cut') return received.keep();
      if (header === 'none') {
        this.#isLost = true;
        continue;
      }
      const length = 8 + littleEndian(octets, 0, 4);
      if (octets.byteLength < length) return received.keep();
      const start = received.start + HEADER_LENGTH;
      const end = received.start + length;
      received.start = end;
      const [headerVersion, messageId] = [littleEndian(octets, 4, 4), littleEndian(octets, 8, 4)];
      return { headerVersion, messageId, bytes: received.bytes, start, end };
    }
  }

  /** Goes on to where a message begins; false where more must come to know. */
  #find(): boolean {
    const received = this.#received;
    for (; received.held >= HEADER_LENGTH; received.start++) {
      const octets = received.bytes.subarray(received.start, received.end);
      if (!mayBeginAgain(octets)) continue;
      const next = 8 + littleEndian(octets, 0, 4);
      // Numbers within a message pass for a header now and then: what follows must be one too.
      if (next > octets.byteLength) return false;
      if (headerAt(octets, next) === 'none') continue;
      this.#isLost = false;
      return true;
    }
    return false;
  }
}

function mayBeginAgain(octets: Uint8Array): boolean {
  if (headerAt(octets, 0) !== 'known') return false;
  const [length, version, messageId] = [0, 4, 8].map((at) => littleEndian(octets, at, 4));
  return (version === 0 || (version ?? 0) >= 10) && (messageId !== 0 || length === 4);
}

/** Whether the first octets of a side are Skinny: messages one after the other, of which one that is known says something. */
export function recogniseSkinny(octets: Uint8Array): Recognition {
  for (let at = 0; ; ) {
    const header = headerAt(octets, at);
    if (header === 'none') return 'no';
    if (header === 'cut') return 'more';
    const next = at + 8 + littleEndian(octets, at, 4);
    // A keep-alive alone is nearly nothing but zeros; one after another is no chance.
    const isKeepAlive = littleEndian(octets, at + 8, 4) === 0;
    if (header === 'known' && (at > 0 || !isKeepAlive)) {
      return next < octets.byteLength && headerAt(octets, next) === 'none' ? 'no' : 'yes';
    }
    at = next;
    if (at > octets.byteLength) return 'more';
  }
}
