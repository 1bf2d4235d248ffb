import { StreamBuffer } from '@trustline/base';

/** How messages stand one after the other in a connection whose every message has a header that says its length. */
export interface Framing {
  /** Octets. */
  readonly headerLength: number;
  /** Octets of the message that begins here, with its header, all of which is there; undefined where none can begin. */
  lengthOf(octets: Uint8Array): number | undefined;
  /** Where octets are missing before: whether a message begins here beyond doubt, or `more` must come to know. */
  beginsAgain(octets: Uint8Array): 'yes' | 'more' | 'no';
}

/**
 * Cuts one side of a connection into its messages, however it is fragmented. Where octets are missing, or stand that can
 * be none, it goes on at the next that begins beyond doubt. Holds no more than the longest message and a segment.
 */
export class MessageStream {
  readonly #framing: Framing;
  readonly #received = new StreamBuffer();
  #isLost = false;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** Call `next` until it gives nothing more before `chunk` changes. */
  push(chunk: Uint8Array): void {
    this.#received.push(chunk);
  }

  /** Octets are missing here: what began before them does not end. */
  gap(): void {
    this.#received.drop();
    this.#isLost = true;
  }

  /** The next whole message with its header, valid until the next call; undefined while more must come. */
  next(): Uint8Array | undefined {
    const received = this.#received;
    for (;;) {
      if (this.#isLost && !this.#find()) return received.keep();
      if (received.held < this.#framing.headerLength) return received.keep();
      const length = this.#framing.lengthOf(this.#held());
      if (length === undefined) {
        this.#isLost = true;
        continue;
      }
      if (received.held < length) return received.keep();
      const message = received.bytes.subarray(received.start, received.start + length);
      received.start += length;
      return message;
    }
  }

  /** Goes on to where a message begins; false where more must come to know. */
  #find(): boolean {
    const received = this.#received;
    for (; received.held >= this.#framing.headerLength; received.start++) {
      const begins = this.#framing.beginsAgain(this.#held());
      if (begins === 'no') continue;
      this.#isLost = begins === 'more';
      return begins === 'yes';
    }
    return false;
  }

  #held(): Uint8Array {
    return this.#received.bytes.subarray(this.#received.start, this.#received.end);
  }
}
