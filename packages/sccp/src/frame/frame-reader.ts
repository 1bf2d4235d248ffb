import { SccpError } from '../error.ts';

/** The longest body of known messages is that of LocationInfo, 2404 octets; XML for a phone has 2000. [R: CHSCCP] */
export const DEFAULT_LONGEST_MESSAGE = 8_192;
const HEADER_LENGTH = 8;
const MESSAGE_ID_LENGTH = 4;
const INITIAL_CAPACITY = 512;

/** One message as it stood in the stream: `length u32 | headerVersion u32 | messageId u32 | body`, little-endian. */
export interface SccpFrame {
  /** Zero, or the protocol version of the sender, from 10 on. */
  readonly headerVersion: number;
  readonly messageId: number;
  /** Holds the body at [start, end); valid until the next call of the reader. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a stream into messages, however it is fragmented. After a length that cannot be (`sccp.frame-length`) nothing
 * more comes: where the next message begins is lost, and the connection is to be closed.
 */
export class SccpFrameReader {
  readonly #longest: number;
  /** Received and not yet read are [#start, #end): of what was pushed last, or of a copy where more must come. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #owned = false;
  #failure: SccpError | undefined;

  /** `longest` bounds message id and body together, in octets. */
  constructor(longest: number = DEFAULT_LONGEST_MESSAGE) {
    this.#longest = longest;
  }

  /** Why the stream cannot be read any further. */
  get failure(): SccpError | undefined {
    return this.#failure;
  }

  /** True while a message has begun and not ended. */
  get partial(): boolean {
    return this.#failure === undefined && this.#end > this.#start;
  }

  /** Takes what was received. Call `next` until it gives nothing more before `chunk` changes. */
  push(chunk: Uint8Array): void {
    if (this.#failure !== undefined) return;
    const held = this.#end - this.#start;
    if (held === 0) {
      this.#bytes = chunk;
      this.#start = 0;
      this.#end = chunk.byteLength;
      this.#owned = false;
      return;
    }
    this.#own(held + chunk.byteLength);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.byteLength;
  }

  /** The next whole message; undefined while more must be received. */
  next(): SccpFrame | undefined {
    const held = this.#end - this.#start;
    if (this.#failure !== undefined || held < HEADER_LENGTH) return this.#wait(held);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#start, held);
    const length = view.getUint32(0, true);
    if (length < MESSAGE_ID_LENGTH || length > this.#longest) {
      this.#failure = new SccpError(
        'sccp.frame-length',
        `a header announces ${length} octets where ${MESSAGE_ID_LENGTH} to ${this.#longest} can be`,
      );
      return this.#wait(0);
    }
    if (held < HEADER_LENGTH + length) return this.#wait(held);
    const start = this.#start + HEADER_LENGTH + MESSAGE_ID_LENGTH;
    const end = this.#start + HEADER_LENGTH + length;
    this.#start = end;
    return {
      headerVersion: view.getUint32(4, true),
      messageId: view.getUint32(8, true),
      bytes: this.#bytes,
      start,
      end,
    };
  }

  /** Ten thousand idle phones need no buffers: what holds nothing is let go. */
  #wait(held: number): undefined {
    if (held > 0) {
      this.#own(held);
    } else {
      this.#bytes = new Uint8Array(0);
      this.#start = 0;
      this.#end = 0;
    }
    return undefined;
  }

  /** Puts what is held at the beginning of a buffer of our own with room for `needed` octets. */
  #own(needed: number): void {
    if (this.#owned && needed <= this.#bytes.byteLength - this.#start) return;
    const held = this.#bytes.subarray(this.#start, this.#end);
    if (this.#owned && needed <= this.#bytes.byteLength) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else {
      const larger = new Uint8Array(Math.max(needed, INITIAL_CAPACITY, this.#owned ? this.#bytes.byteLength * 2 : 0));
      larger.set(held);
      this.#bytes = larger;
      this.#owned = true;
    }
    this.#end = held.byteLength;
    this.#start = 0;
  }
}
