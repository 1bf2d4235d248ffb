import { DEFAULT_SIP_LIMITS, type SipLimits } from './limits.ts';
import { bodyTooLarge, failure, type ParsedHead, type ParseFailure, parseHead } from './parse.ts';
import type { SipMessage } from './types.ts';

export type StreamEvent =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** CRLF CRLF between messages: answer it with CRLF (RFC 5626 §4.4.1). Only where `role` is 'server'. */
  | { readonly kind: 'ping' }
  /** CRLF between messages: the answer to our ping. Only where `role` is 'client'. */
  | { readonly kind: 'pong' }
  /** The stream cannot be read any further: answer if possible, then close it. */
  | { readonly kind: 'error'; readonly failure: ParseFailure };

export interface StreamOptions {
  /** 'server' where the far end opened the connection and so sends the pings, 'client' where we did. Default: server. */
  readonly role?: 'server' | 'client';
  readonly limits?: SipLimits;
}

const CR = 13;
const LF = 10;
/** The type of a TLS record that every TLS connection begins with, handshake(22) (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 22;
const INITIAL_CAPACITY = 4_096;
const nothing: Uint8Array = new Uint8Array(0);

/**
 * Cuts a TCP or TLS octet stream into messages, however it is fragmented. Sans-IO: push what
 * was received, act on the events. Messages hold no view of what was pushed.
 *
 * Framing is lost with the first malformed message, so the first error ends the stream (RFC 3261 §18.3):
 * later pushes are ignored.
 */
export class StreamParser {
  readonly #role: 'server' | 'client';
  readonly #limits: SipLimits;
  /** Octets [#start, #end) are received and not yet consumed. */
  #buffer = nothing;
  #start = 0;
  #end = 0;
  /** Where the search for the end of the head goes on. */
  #searched = 0;
  /** The head whose body is still coming; its `bodyStart` counts from the head's first octet. */
  #head: ParsedHead | undefined;
  #lineBreaks = 0;
  #ended = false;

  constructor(options: StreamOptions = {}) {
    this.#role = options.role ?? 'server';
    this.#limits = options.limits ?? DEFAULT_SIP_LIMITS;
  }

  /** True after an error: nothing more will come out. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True while a message has begun and not ended: the far end owes us the rest. */
  get partial(): boolean {
    return !this.#ended && (this.#head !== undefined || this.#end > this.#start);
  }

  push(bytes: Uint8Array): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    if (this.#ended) return events;
    const isBorrowed = this.#start === this.#end;
    if (isBorrowed) this.#borrow(bytes);
    else this.#append(bytes);
    while (!this.#ended && this.#step(events));
    if (this.#ended || this.#start === this.#end) this.#release();
    else if (isBorrowed) this.#keep();
    return events;
  }

  /** Consumes one message or one run of line breaks; false if more octets are needed. */
  #step(events: StreamEvent[]): boolean {
    if (this.#head === undefined) {
      this.#takeLineBreaks(events);
      if (!this.#readHead(events)) return false;
    }
    return this.#readBody(events);
  }

  #takeLineBreaks(events: StreamEvent[]): void {
    const buffer = this.#buffer;
    let heard = false;
    while (this.#end - this.#start >= 2 && buffer[this.#start] === CR && buffer[this.#start + 1] === LF) {
      this.#start += 2;
      this.#lineBreaks++;
      // One answer for all that came at once: a flood of pings is not worth a flood of pongs.
      heard ||= this.#role === 'client' || this.#lineBreaks % 2 === 0;
    }
    if (heard) events.push({ kind: this.#role === 'client' ? 'pong' : 'ping' });
    this.#searched = Math.max(this.#searched, this.#start);
  }

  #readHead(events: StreamEvent[]): boolean {
    const length = this.#end - this.#start;
    if (length === 0 || (length === 1 && this.#buffer[this.#start] === CR)) return false;
    this.#lineBreaks = 0;
    // A ClientHello has no blank line: its sender would wait for us, and we for him, until the time is over.
    if (this.#buffer[this.#start] === TLS_HANDSHAKE) {
      return this.#fail(events, failure('sip.tls-record', 'A TLS handshake came where a SIP message was to begin', 0));
    }
    const whole = this.#findHeadEnd();
    if (!whole && length <= this.#limits.head) return false;
    const head = parseHead(this.#buffer.subarray(this.#start, this.#end), 0, this.#limits);
    if (!head.ok) return this.#fail(events, head);
    // RFC 3261 §18.3: on a stream the Content-Length MUST be there, nothing else ends the body.
    if (head.contentLength === undefined) {
      const request = head.complete(new Uint8Array(0));
      return this.#fail(
        events,
        failure('sip.missing-content-length', 'On a stream every message has a Content-Length', 0, request),
      );
    }
    if (head.contentLength > this.#limits.body) {
      return this.#fail(events, bodyTooLarge(head, head.contentLength, this.#limits));
    }
    this.#head = head;
    return true;
  }

  #readBody(events: StreamEvent[]): boolean {
    const head = this.#head;
    if (head === undefined) return false;
    const bodyStart = this.#start + head.bodyStart;
    const bodyEnd = bodyStart + (head.contentLength ?? 0);
    if (this.#end < bodyEnd) return false;
    events.push({ kind: 'message', message: head.complete(this.#body(bodyStart, bodyEnd)) });
    this.#head = undefined;
    this.#start = bodyEnd;
    this.#searched = bodyEnd;
    return true;
  }

  #body(start: number, end: number): Uint8Array {
    return start === end ? nothing : this.#buffer.slice(start, end);
  }

  /** Looks for CRLF CRLF in what has not been looked at. */
  #findHeadEnd(): boolean {
    const buffer = this.#buffer;
    const from = Math.max(this.#start, this.#searched - 3);
    for (let i = buffer.indexOf(CR, from); i >= 0 && i + 3 < this.#end; i = buffer.indexOf(CR, i + 1)) {
      if (buffer[i + 1] === LF && buffer[i + 2] === CR && buffer[i + 3] === LF) return true;
    }
    this.#searched = this.#end;
    return false;
  }

  #fail(events: StreamEvent[], reason: ParseFailure): false {
    this.#ended = true;
    events.push({ kind: 'error', failure: reason });
    return false;
  }

  /** Most of what comes is whole messages, which are read where they stand. */
  #borrow(bytes: Uint8Array): void {
    // Without the methods of a Buffer, which is what sockets push: its `slice` is a view, its `indexOf` slow.
    this.#buffer = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#start = 0;
    this.#end = bytes.length;
    this.#searched = 0;
  }

  /** What is left of what was pushed, in a buffer of our own. */
  #keep(): void {
    const held = this.#buffer.subarray(this.#start, this.#end);
    this.#buffer = new Uint8Array(Math.max(held.length, INITIAL_CAPACITY));
    this.#buffer.set(held);
    this.#searched -= this.#start;
    this.#start = 0;
    this.#end = held.length;
  }

  /** Room for `bytes`, reusing the space of what was consumed. */
  #append(bytes: Uint8Array): void {
    const held = this.#end - this.#start;
    if (this.#end + bytes.length > this.#buffer.length) {
      const needed = held + bytes.length;
      const target =
        needed <= this.#buffer.length ? this.#buffer : new Uint8Array(Math.max(needed, INITIAL_CAPACITY, held * 2));
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#searched -= this.#start;
      this.#start = 0;
      this.#end = held;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** An idle connection holds no buffer: most of ten thousand phones say nothing most of the time. */
  #release(): void {
    this.#buffer = nothing;
    this.#start = 0;
    this.#end = 0;
    this.#searched = 0;
  }
}
