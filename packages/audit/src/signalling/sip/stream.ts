import { StreamBuffer } from '@trustline/base';
import { endOfHead, endOfLine, type HeardHead, type HeardMessage, MOST_BODY, MOST_HEAD, readHead } from './message.ts';
import { afterKeepAlives, startLineAt } from './start-line.ts';

/** What streams hold of messages that have not ended, for all connections of a capture together. */
export class HeldOctets {
  readonly limit: number;
  used = 0;

  constructor(limit = 16 << 20) {
    this.limit = limit;
  }
}

interface Begun {
  readonly head: HeardHead;
  /** Of its body, counted from the first octet that is held. */
  readonly bodyStart: number;
}

/**
 * Cuts one side of a connection into messages by Content-Length (RFC 3261 §18.3). Whatever is lost, broken or not SIP,
 * it goes on at the next start line. Bodies are views that are valid during the call alone.
 */
export class SipStream {
  readonly #message: (message: HeardMessage) => void;
  readonly #held: HeldOctets;
  readonly #buffer = new StreamBuffer();
  #counted = 0;
  /** A message, or line ends, are to come next. */
  #isAligned: boolean;
  /** The first octet that is held begins a line, as far as is known. */
  #isLineStart = true;
  /** Where the search for the end of the head goes on, from the first octet that is held; above 0 it has a start line. */
  #searched = 0;
  #begun: Begun | undefined;
  /** Places at which octets came that are no message. */
  lostAlignments = 0;

  /** `joinedLate`: its first octets may be the middle of a message. */
  constructor(message: (message: HeardMessage) => void, held: HeldOctets, joinedLate: boolean) {
    this.#message = message;
    this.#held = held;
    this.#isAligned = !joinedLate;
  }

  data(octets: Uint8Array): void {
    this.#buffer.push(octets);
    while (this.#step());
    this.#buffer.keep();
    this.#count();
    if (this.#held.used > this.#held.limit) this.#abandon();
  }

  /** Octets are missing: what had begun is given on as far as it came, and the next start line is waited for. */
  gap(): void {
    this.#abandon();
  }

  ended(): void {
    this.#abandon();
  }

  /** Lets go of what is held. */
  #abandon(): void {
    this.#giveBegun();
    this.#buffer.drop();
    this.#count();
    this.#isAligned = false;
    // What comes next may well begin a message: that is tried first.
    this.#isLineStart = true;
  }

  #giveBegun(): void {
    const { bytes, start, end } = this.#buffer;
    const begun = this.#begun;
    if (begun !== undefined) {
      const body = bytes.subarray(start + begun.bodyStart, end);
      this.#message({ start: begun.head.start, headers: begun.head.headers, body, isWhole: false });
    } else if (this.#isAligned && end > start && startLineAt(bytes, start, end) === 'yes') {
      const head = readHead(bytes, start, end);
      if (head !== undefined) {
        this.#message({ start: head.start, headers: head.headers, body: new Uint8Array(0), isWhole: false });
      }
    }
    this.#begun = undefined;
    this.#searched = 0;
  }

  #count(): void {
    this.#held.used += this.#buffer.held - this.#counted;
    this.#counted = this.#buffer.held;
  }

  /** Consumes something; false where more octets are needed. */
  #step(): boolean {
    const buffer = this.#buffer;
    if (buffer.held === 0) return false;
    if (this.#begun !== undefined) return this.#readBody(this.#begun);
    return this.#isAligned ? this.#readHead() : this.#seek();
  }

  /** To the next start line at the beginning of a line. */
  #seek(): boolean {
    const buffer = this.#buffer;
    const { bytes, end } = buffer;
    let at = buffer.start;
    if (!this.#isLineStart) {
      const next = endOfLine(bytes, at, end);
      if (next === undefined) {
        buffer.start = end;
        return false;
      }
      at = next;
      this.#isLineStart = true;
    }
    for (;;) {
      const found = at < end ? startLineAt(bytes, at, end) : 'no';
      if (found !== 'no') {
        buffer.start = at;
        this.#isAligned = found === 'yes';
        return found === 'yes';
      }
      const next = endOfLine(bytes, at, end);
      if (next === undefined) {
        buffer.start = end;
        this.#isLineStart = at === end;
        return false;
      }
      at = next;
    }
  }

  #readHead(): boolean {
    const buffer = this.#buffer;
    const begins = afterKeepAlives(buffer.bytes, buffer.start, buffer.end);
    if (begins > buffer.start) {
      buffer.start = begins;
      this.#searched = 0;
      return true;
    }
    const { bytes, start, end } = buffer;
    const line = this.#searched > 0 ? 'yes' : startLineAt(bytes, start, end);
    if (line === 'more') return false;
    if (line === 'no') {
      this.lostAlignments++;
      this.#isAligned = false;
      return true;
    }
    const headEnd = endOfHead(bytes, start + Math.max(0, this.#searched - 3), end);
    if (headEnd === undefined && buffer.held <= MOST_HEAD) {
      this.#searched = buffer.held;
      return false;
    }
    const head = headEnd === undefined ? undefined : readHead(bytes, start, headEnd);
    this.#searched = 0;
    if (head === undefined || headEnd === undefined) {
      this.lostAlignments++;
      this.#giveBegun();
      this.#isAligned = false;
      this.#isLineStart = false;
      return true;
    }
    this.#begun = { head, bodyStart: headEnd - start };
    return true;
  }

  #readBody({ head, bodyStart }: Begun): boolean {
    const buffer = this.#buffer;
    const { bytes, start, end } = buffer;
    const bodyAt = start + bodyStart;
    const length = head.contentLength ?? this.#untilNext(bodyAt) - bodyAt;
    const isTooLong = length > MOST_BODY;
    if (!isTooLong && end < bodyAt + length) return false;
    if (isTooLong && buffer.held < bodyStart + MOST_BODY) return false;
    const body = bytes.subarray(bodyAt, bodyAt + Math.min(length, MOST_BODY));
    this.#begun = undefined;
    buffer.start = bodyAt + body.length;
    this.#isAligned = !isTooLong;
    this.#message({ start: head.start, headers: head.headers, body, isWhole: !isTooLong });
    return true;
  }

  /** Without Content-Length, which a stream must have, a body goes as far as what is there, or to the next message. */
  #untilNext(from: number): number {
    const { bytes, end } = this.#buffer;
    for (let at: number | undefined = from; at !== undefined && at < end; at = endOfLine(bytes, at, end)) {
      if (startLineAt(bytes, at, end) === 'yes') return at;
    }
    return end;
  }
}
