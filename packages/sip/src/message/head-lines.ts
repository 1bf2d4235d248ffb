import type { MessageErrorCode } from './codes.ts';
import { isSpaceCode } from './grammar.ts';
import { canonicalHeaderIn, type HeaderName } from './header-names.ts';
import type { SipLimits } from './limits.ts';

const CR = 13;
const LF = 10;
const TAB = 9;
const SPACE = 32;
const BACKSLASH = 92;
const COLON = 58;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LATIN1 = new TextDecoder('latin1');

/**
 * The lines of one head, found in a single pass over the octets: where each begins and ends,
 * where its first colon is, and whether it is folded. Folded lines count as one.
 *
 * One instance is used again for every message, so what it says holds until the next `scan`.
 */
export class HeadLines {
  count = 0;
  /** Offset of the first octet after the empty line; -1 while the head is not whole. */
  bodyStart = -1;
  failure: MessageErrorCode | undefined;
  failureOffset = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #base = 0;
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #colons = new Int32Array(0);
  #folded = new Uint8Array(0);
  /** The whole head as text when it is ASCII, so that a string index is an octet offset. */
  #ascii: string | undefined;

  /** Finds the lines from `start` on. Returns whether the head is whole and within its limits. */
  scan(bytes: Uint8Array, start: number, limits: SipLimits): boolean {
    this.#reset(bytes, start, limits.headerCount + 1);
    const end = bytes.length;
    const last = Math.min(end, start + limits.head);
    let lineStart = start;
    let colon = -1;
    let folded = 0;
    let seen = 0;
    for (let i = start; i < last; i++) {
      const octet = bytes[i] as number;
      if (octet > COLON) {
        seen |= octet;
        continue;
      }
      if (octet >= SPACE) {
        if (octet === COLON && colon < 0) colon = i;
        continue;
      }
      if (octet === CR) {
        if (bytes[i + 1] !== LF) return this.#fail(i + 1 === end ? 'sip.truncated' : 'sip.bad-line-ending', i);
        const next = bytes[i + 2];
        if (next === SPACE || next === TAB) {
          folded = 1; // RFC 3261 §7.3.1: a line that begins with white space continues the one before
        } else {
          if (this.count > limits.headerCount) return this.#fail('sip.too-many-headers', lineStart);
          if (i - lineStart > (this.count === 0 ? limits.startLine : limits.header)) {
            return this.#fail(this.count === 0 ? 'sip.start-line-too-long' : 'sip.header-too-large', lineStart);
          }
          this.#starts[this.count] = lineStart;
          this.#ends[this.count] = i;
          this.#colons[this.count] = colon;
          this.#folded[this.count] = folded;
          this.count++;
          if (next === CR && bytes[i + 3] === LF) {
            if (seen < 128) this.#ascii = UTF8.decode(bytes.subarray(start, i));
            this.bodyStart = i + 4;
            return true;
          }
          lineStart = i + 2;
          colon = -1;
          folded = 0;
        }
        i++;
      } else if (octet === LF) {
        return this.#fail('sip.bad-line-ending', i);
      } else if (octet !== TAB && bytes[i - 1] !== BACKSLASH) {
        // A control character may stand only as a quoted-pair (RFC 3261 §25.1).
        return this.#fail('sip.bad-control-character', i);
      }
    }
    return last < end ? this.#fail('sip.header-too-large', last) : this.#fail('sip.truncated', end);
  }

  start(line: number): number {
    return this.#starts[line] as number;
  }

  isFolded(line: number): boolean {
    return this.#folded[line] !== 0;
  }

  whole(line: number): string {
    return this.#text(this.start(line), this.#ends[line] as number);
  }

  /** The header that the line is of, where its canonical spelling stands right before the colon. */
  canonicalHeader(line: number): HeaderName | undefined {
    return canonicalHeaderIn(this.#bytes, this.start(line), this.#colons[line] as number);
  }

  /** What stands before the colon, without the white space there; '' if there is no colon. */
  name(line: number): string {
    const start = this.start(line);
    let end = this.#colons[line] as number;
    if (end < 0) return '';
    while (end > start && isSpaceCode(this.#bytes[end - 1] as number)) end--;
    return this.#text(start, end);
  }

  /** What stands after the colon: trimmed, and unfolded to single spaces where lines were joined. */
  value(line: number): string {
    const bytes = this.#bytes;
    let start = (this.#colons[line] as number) + 1;
    let end = this.#ends[line] as number;
    if (this.#folded[line] !== 0) return unfold(this.#text(start, end));
    while (start < end && isSpaceCode(bytes[start] as number)) start++;
    while (end > start && isSpaceCode(bytes[end - 1] as number)) end--;
    return this.#text(start, end);
  }

  #text(start: number, end: number): string {
    if (this.#ascii !== undefined) return this.#ascii.slice(start - this.#base, end - this.#base);
    const line = this.#bytes.subarray(start, end);
    try {
      return UTF8.decode(line);
    } catch {
      // RFC 3261 §7 demands UTF-8, but old phones put Latin-1 into display names. Nothing that
      // decides where a message goes lies above ASCII, so the call is worth more than the rule.
      return LATIN1.decode(line);
    }
  }

  #reset(bytes: Uint8Array, start: number, capacity: number): void {
    if (this.#starts.length < capacity) {
      this.#starts = new Int32Array(capacity);
      this.#ends = new Int32Array(capacity);
      this.#colons = new Int32Array(capacity);
      this.#folded = new Uint8Array(capacity);
    }
    this.#bytes = bytes;
    this.#base = start;
    this.#ascii = undefined;
    this.count = 0;
    this.bodyStart = -1;
    this.failure = undefined;
  }

  #fail(code: MessageErrorCode, offset: number): false {
    this.failure = code;
    this.failureOffset = offset;
    return false;
  }
}

/** Each line break with the white space around it becomes one space (RFC 3261 §7.3.1). */
function unfold(text: string): string {
  return text
    .split('\r\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
