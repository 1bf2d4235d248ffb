import { IpsecError } from '../error.ts';

/** The daemon sends and takes no longer segment (strongSwan, vici_socket.h: VICI_MESSAGE_SIZE_MAX). */
export const MAX_SEGMENT = 512 * 1024;
const LENGTH_FIELD = 4;

/**
 * Cuts the stream of the daemon into packets, `length u32 | packet`, however it is fragmented. After a length that
 * cannot be, nothing more is read: `push` throws `ipsec.vici-malformed`, and the connection is to be closed.
 */
export class ViciSegmentReader {
  #pending: Uint8Array = new Uint8Array(0);
  #length = 0;

  /** Takes what was received and gives the packets that are complete; they are copies. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.#append(chunk);
    const packets: Uint8Array[] = [];
    let at = 0;
    while (this.#length - at >= LENGTH_FIELD) {
      const length = new DataView(this.#pending.buffer, this.#pending.byteOffset + at).getUint32(0);
      if (length === 0 || length > MAX_SEGMENT) {
        throw new IpsecError('ipsec.vici-malformed', `The IKE daemon announced a message of ${length} octets`, {
          nextStep: 'check that the socket is that of strongSwan',
        });
      }
      if (this.#length - at - LENGTH_FIELD < length) break;
      packets.push(this.#pending.slice(at + LENGTH_FIELD, at + LENGTH_FIELD + length));
      at += LENGTH_FIELD + length;
    }
    this.#pending.copyWithin(0, at, this.#length);
    this.#length -= at;
    return packets;
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.byteLength;
    if (needed > this.#pending.byteLength) {
      const larger = new Uint8Array(Math.max(needed, this.#pending.byteLength * 2));
      larger.set(this.#pending.subarray(0, this.#length));
      this.#pending = larger;
    }
    this.#pending.set(chunk, this.#length);
    this.#length = needed;
  }
}
