import { StreamBuffer } from '@trustline/base';
import { SccpError } from '../error.ts';

/** The longest body of known messages is that of LocationInfo, 2404 octets; XML for a phone has 2000. [R: CHSCCP] */
export const DEFAULT_LONGEST_MESSAGE = 8_192;
const HEADER_LENGTH = 8;
const MESSAGE_ID_LENGTH = 4;

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
  readonly #received = new StreamBuffer();
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
    return this.#failure === undefined && this.#received.held > 0;
  }

  /** Takes what was received. Call `next` until it gives nothing more before `chunk` changes. */
  push(chunk: Uint8Array): void {
    if (this.#failure === undefined) this.#received.push(chunk);
  }

  /** The next whole message; undefined while more must be received. */
  next(): SccpFrame | undefined {
    const received = this.#received;
    const { held } = received;
    if (this.#failure !== undefined || held < HEADER_LENGTH) return received.keep();
    const view = new DataView(received.bytes.buffer, received.bytes.byteOffset + received.start, held);
    const length = view.getUint32(0, true);
    if (length < MESSAGE_ID_LENGTH || length > this.#longest) {
      this.#failure = new SccpError(
        'sccp.frame-length',
        `a header announces ${length} octets where ${MESSAGE_ID_LENGTH} to ${this.#longest} can be`,
      );
      return received.drop();
    }
    if (held < HEADER_LENGTH + length) return received.keep();
    const start = received.start + HEADER_LENGTH + MESSAGE_ID_LENGTH;
    const end = received.start + HEADER_LENGTH + length;
    received.start = end;
    return {
      headerVersion: view.getUint32(4, true),
      messageId: view.getUint32(8, true),
      bytes: received.bytes,
      start,
      end,
    };
  }
}
