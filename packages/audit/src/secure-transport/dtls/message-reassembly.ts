import { ByteReader } from '@trustline/base';
import type { PacketPlace } from '../../traffic/place.ts';
import type { HandshakeMessageSink } from '../tls/handshake-assembler.ts';

const HEADER = 12;

/** The largest message that is put together; what claims more is passed over. */
const LARGEST_MESSAGE = 64 << 10;

/** Messages of one side that wait for fragments, or for those before them. */
const MOST_WAITING = 16;
const MOST_PIECES = 256;

interface Waiting {
  readonly type: number;
  /** With its header, as if it had come in one fragment: so hashes of the handshake cover it (RFC 6347 §4.2.6). */
  readonly raw: Uint8Array;
  /** Pieces that have come, by their places in the body. */
  readonly pieces: [from: number, to: number][];
  place: PacketPlace;
}

/**
 * Puts the handshake messages of one side together from their fragments (RFC 6347 §4.2.3), each once however often it is sent, in
 * the order of their numbers.
 */
export class MessageReassembly {
  readonly #sink: HandshakeMessageSink;
  readonly #waiting = new Map<number, Waiting>();
  /** The number of the next message; that of the first is the first that is seen. */
  #next: number | undefined;
  malformed = 0;

  constructor(sink: HandshakeMessageSink) {
    this.#sink = sink;
  }

  /** The content of a handshake record: fragments, one behind the other. */
  push(content: Uint8Array, place: PacketPlace): void {
    const reader = new ByteReader(content);
    while (reader.remaining >= HEADER) {
      const type = reader.u8();
      const length = reader.u24();
      const number = reader.u16();
      const from = reader.u24();
      const size = reader.u24();
      if (size > reader.remaining || from + size > length || length > LARGEST_MESSAGE) {
        this.malformed++;
        return;
      }
      this.#fragment(type, length, number, from, reader.take(size), place);
    }
  }

  /** No more comes in the clear: what waits for a message that was lost is given on without it. */
  flush(): void {
    for (const number of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      this.#next = number;
      this.#giveOn();
    }
  }

  /** Another handshake begins, whose messages are counted anew. */
  reset(): void {
    this.#waiting.clear();
    this.#next = undefined;
  }

  #fragment(type: number, length: number, number: number, from: number, body: Uint8Array, place: PacketPlace): void {
    this.#next ??= number;
    if (number < this.#next || number >= this.#next + MOST_WAITING) return;
    let waiting = this.#waiting.get(number);
    if (waiting === undefined) {
      waiting = { type, raw: rawMessage(type, length, number), pieces: [], place };
      this.#waiting.set(number, waiting);
    }
    if (waiting.type !== type || waiting.raw.byteLength !== HEADER + length) return;
    if (waiting.pieces.length >= MOST_PIECES) return;
    waiting.raw.set(body, HEADER + from);
    waiting.pieces.push([from, from + body.byteLength]);
    waiting.place = place;
    this.#giveOn();
  }

  #giveOn(): void {
    while (this.#next !== undefined) {
      const first = this.#waiting.get(this.#next);
      if (first === undefined || !isWhole(first)) return;
      this.#waiting.delete(this.#next);
      this.#next++;
      this.#sink(first.type, first.raw.subarray(HEADER), first.raw, first.place);
    }
  }
}

function rawMessage(type: number, length: number, number: number): Uint8Array {
  const raw = new Uint8Array(HEADER + length);
  const view = new DataView(raw.buffer);
  view.setUint32(0, type * 2 ** 24 + length);
  view.setUint16(4, number);
  view.setUint16(10, length & 0xffff);
  view.setUint8(9, length >> 16);
  return raw;
}

function isWhole({ raw, pieces }: Waiting): boolean {
  let reached = 0;
  for (const [from, to] of [...pieces].sort(([a], [b]) => a - b)) {
    if (from > reached) return false;
    reached = Math.max(reached, to);
  }
  return reached === raw.byteLength - HEADER;
}
