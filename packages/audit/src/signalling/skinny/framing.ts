import { messageKindOf, type SccpFrame } from '@trustline/sccp';
import type { Framing } from '../message-stream.ts';
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

/** Messages of Skinny; after a loss it goes on at a header that is known and that another follows. */
export const skinnyFraming: Framing = {
  headerLength: HEADER_LENGTH,
  lengthOf: (octets) => (headerAt(octets, 0) === 'none' ? undefined : 8 + littleEndian(octets, 0, 4)),
  beginsAgain(octets) {
    if (!mayBeginAgain(octets)) return 'no';
    const next = 8 + littleEndian(octets, 0, 4);
    // Numbers within a message pass for a header now and then: what follows must be one too.
    if (next > octets.byteLength) return 'more';
    return headerAt(octets, next) === 'none' ? 'no' : 'yes';
  },
};

function mayBeginAgain(octets: Uint8Array): boolean {
  if (headerAt(octets, 0) !== 'known') return false;
  const [length, version, messageId] = [0, 4, 8].map((at) => littleEndian(octets, at, 4));
  return (version === 0 || (version ?? 0) >= 10) && (messageId !== 0 || length === 4);
}

/** A whole message as frames are read; its octets are those of `message`. */
export function frameOf(message: Uint8Array): SccpFrame {
  const [headerVersion, messageId] = [littleEndian(message, 4, 4), littleEndian(message, 8, 4)];
  return { headerVersion, messageId, bytes: message, start: HEADER_LENGTH, end: message.byteLength };
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
