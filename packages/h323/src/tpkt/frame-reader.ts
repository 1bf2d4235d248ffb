import { H323Error } from '../error.ts';

const HEADER_LENGTH = 4;
const VERSION = 3;
const INITIAL_CAPACITY = 512;
/** What the two octets of the length can say, the header included. */
export const LONGEST_TPKT = 65_535;

/** Puts the header of RFC 1006 §6 before a message: version 3, and the length of both. Throws if that is above 65,535. */
export function encodeTpkt(payload: Uint8Array): Uint8Array {
  const length = HEADER_LENGTH + payload.byteLength;
  if (length > LONGEST_TPKT) {
    throw new H323Error('h323.not-encodable', `a TPKT holds ${LONGEST_TPKT} octets, and ${length} were to be written`);
  }
  const frame = new Uint8Array(length);
  frame[0] = VERSION;
  frame[2] = length >>> 8;
  frame[3] = length & 0xff;
  frame.set(payload, HEADER_LENGTH);
  return frame;
}

/**
 * Cuts a TCP stream into the payloads of its TPKTs, however it is fragmented (RFC 1006 §6). Empty ones, which some peers
 * send to keep a connection alive, are given as empty payloads. After a header that cannot be nothing more comes: where
 * the next one begins is lost, and the connection is to be closed.
 */
export class TpktReader {
  readonly #longest: number;
  /** Received and not yet read are [#start, #end): of what was pushed last, or of a copy where more must come. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #owned = false;
  #failure: H323Error | undefined;

  /** `longest` bounds a TPKT with its header, in octets: 16 KB are plenty for a peer that has proved nothing. */
  constructor(longest: number = LONGEST_TPKT) {
    this.#longest = longest;
  }

  /** Why the stream cannot be read any further. */
  get failure(): H323Error | undefined {
    return this.#failure;
  }

  /** True while a TPKT has begun and not ended. */
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

  /** The payload of the next whole TPKT, valid until the next call; undefined while more must be received. */
  next(): Uint8Array | undefined {
    const held = this.#end - this.#start;
    if (this.#failure !== undefined || held < HEADER_LENGTH) return this.#wait(held);
    const [version = 0, , high = 0, low = 0] = this.#bytes.subarray(this.#start, this.#start + HEADER_LENGTH);
    const length = high * 256 + low;
    if (version !== VERSION || length < HEADER_LENGTH || length > this.#longest) {
      this.#failure = new H323Error(
        'h323.frame-length',
        `a TPKT of version ${version} with ${length} octets, where version ${VERSION} and ${HEADER_LENGTH} to ${this.#longest} can be`,
      );
      return this.#wait(0);
    }
    if (held < length) return this.#wait(held);
    const payload = this.#bytes.subarray(this.#start + HEADER_LENGTH, this.#start + length);
    this.#start += length;
    return payload;
  }

  /** What holds nothing is let go. */
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
