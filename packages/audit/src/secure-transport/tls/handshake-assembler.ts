import { StreamBuffer } from '@trustline/base';
import type { PacketPlace } from '../../traffic/place.ts';

/** The largest message that is put together; certificate chains stay far below. What claims more is passed over. */
const LARGEST_MESSAGE = 128 << 10;

/** `raw`: with its header of four octets, as hashes of the handshake want it. Valid during the call alone. */
export type HandshakeMessageSink = (type: number, body: Uint8Array, raw: Uint8Array, place: PacketPlace) => void;

/** Puts the handshake messages of one side together from the records they were cut into, or lay together in (RFC 8446 §5.1). */
export class HandshakeAssembler {
  readonly #sink: HandshakeMessageSink;
  readonly #held = new StreamBuffer();
  /** Octets of a message too large to keep that are still to come. */
  #toSkip = 0;
  tooLarge = 0;

  constructor(sink: HandshakeMessageSink) {
    this.#sink = sink;
  }

  /** Octets that wait for the rest of their message. */
  get held(): number {
    return this.#held.held;
  }

  push(fragment: Uint8Array, place: PacketPlace): void {
    const skipped = Math.min(this.#toSkip, fragment.byteLength);
    this.#toSkip -= skipped;
    const held = this.#held;
    held.push(fragment.subarray(skipped));
    while (held.held >= 4) {
      const octets = held.bytes.subarray(held.start, held.end);
      const length = 4 + (octets[1] ?? 0) * 65_536 + (octets[2] ?? 0) * 256 + (octets[3] ?? 0);
      if (length > LARGEST_MESSAGE) {
        this.tooLarge++;
        this.#toSkip = Math.max(0, length - octets.byteLength);
        held.start += Math.min(length, octets.byteLength);
        continue;
      }
      if (octets.byteLength < length) break;
      held.start += length;
      this.#sink(octets[0] ?? 0, octets.subarray(4, length), octets.subarray(0, length), place);
    }
    held.keep();
  }

  /** Something between was lost: what was begun does not end. */
  lose(): void {
    this.#held.drop();
    this.#toSkip = 0;
  }
}
