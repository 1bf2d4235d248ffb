import { StreamBuffer } from '@trustline/base';
import { H323Error } from '../error.ts';

const HEADER_LENGTH = 4;
const VERSION = 3;
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
  readonly #received = new StreamBuffer();
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
    return this.#failure === undefined && this.#received.held > 0;
  }

  /** Takes what was received. Call `next` until it gives nothing more before `chunk` changes. */
  push(chunk: Uint8Array): void {
    if (this.#failure === undefined) this.#received.push(chunk);
  }

  /** The payload of the next whole TPKT, valid until the next call; undefined while more must be received. */
  next(): Uint8Array | undefined {
    const received = this.#received;
    const { held } = received;
    if (this.#failure !== undefined || held < HEADER_LENGTH) return received.keep();
    const [version = 0, , high = 0, low = 0] = received.bytes.subarray(received.start, received.start + HEADER_LENGTH);
    const length = high * 256 + low;
    if (version !== VERSION || length < HEADER_LENGTH || length > this.#longest) {
      this.#failure = new H323Error(
        'h323.frame-length',
        `a TPKT of version ${version} with ${length} octets, where version ${VERSION} and ${HEADER_LENGTH} to ${this.#longest} can be`,
      );
      return received.drop();
    }
    if (held < length) return received.keep();
    const payload = received.bytes.subarray(received.start + HEADER_LENGTH, received.start + length);
    received.start += length;
    return payload;
  }
}
