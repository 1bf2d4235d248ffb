import type { WireResult } from './elements.ts';

/** How the messages of a protocol are cut out of a stream. */
export interface Framing<Message> {
  /** Octets of the head, whose last two are the length of what follows. */
  readonly headLength: number;
  /** The longest message that is read, head included. */
  readonly maxLength: number;
  /** Judges a head as soon as its first octets are there, so that garbage is refused before it is collected. */
  readonly decode: (bytes: Uint8Array) => WireResult<Message>;
  /** Says what is wrong with the first octets of a message, as far as they are there. */
  readonly checkHead: (head: Uint8Array) => WireResult<undefined>;
  readonly tooLong: (length: number) => WireResult<never>;
}

/**
 * Cuts an octet stream into messages, however it is fragmented. Sans-IO: push what was received, take what comes
 * out. The first reject ends the stream: where the next message begins would be a guess.
 */
export class MessageStream<Message> {
  readonly #framing: Framing<Message>;
  #pending: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(framing: Framing<Message>) {
    this.#framing = framing;
  }

  /** True while a message has begun and not ended. */
  get partial(): boolean {
    return !this.#ended && this.#pending.byteLength > 0;
  }

  /** True after a reject: nothing more will come out. */
  get ended(): boolean {
    return this.#ended;
  }

  push(chunk: Uint8Array): readonly WireResult<Message>[] {
    if (this.#ended) return [];
    const results: WireResult<Message>[] = [];
    this.#pending = joined(this.#pending, chunk);
    for (let result = this.#next(); result !== undefined && !this.#ended; result = this.#next()) {
      results.push(result);
      if (!result.ok) this.#ended = true;
    }
    if (this.#ended) this.#pending = new Uint8Array(0);
    return results;
  }

  #next(): WireResult<Message> | undefined {
    const { headLength, maxLength, checkHead, tooLong, decode } = this.#framing;
    if (this.#pending.byteLength === 0) return undefined;
    const head = checkHead(this.#pending.subarray(0, headLength));
    if (!head.ok) return head;
    if (this.#pending.byteLength < headLength) return undefined;
    const view = new DataView(this.#pending.buffer, this.#pending.byteOffset, headLength);
    const length = headLength + view.getUint16(headLength - 2);
    if (length > maxLength) return tooLong(length);
    if (this.#pending.byteLength < length) return undefined;
    const message = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length); // copied with the next chunk, not with each message
    return decode(message);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.byteLength + second.byteLength);
  bytes.set(first);
  bytes.set(second, first.byteLength);
  return bytes;
}
