import { StreamBuffer } from '@trustline/base';
import { IpsecError } from '../error.ts';

/** The daemon sends and takes no longer segment (strongSwan, vici_socket.h: VICI_MESSAGE_SIZE_MAX). */
export const MAX_SEGMENT = 512 * 1024;
const LENGTH_FIELD = 4;

/**
 * Cuts the stream of the daemon into packets, `length u32 | packet`, however it is fragmented. After a length that
 * cannot be, nothing more is read: `push` throws `ipsec.vici-malformed`, and the connection is to be closed.
 */
export class ViciSegmentReader {
  readonly #received = new StreamBuffer();

  /** Takes what was received and gives the packets that are complete; they are copies. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const received = this.#received;
    received.push(chunk);
    const packets: Uint8Array[] = [];
    while (received.held >= LENGTH_FIELD) {
      const length = new DataView(received.bytes.buffer, received.bytes.byteOffset + received.start).getUint32(0);
      if (length === 0 || length > MAX_SEGMENT) {
        throw new IpsecError('ipsec.vici-malformed', `The IKE daemon announced a message of ${length} octets`, {
          nextStep: 'check that the socket is that of strongSwan',
        });
      }
      const start = received.start + LENGTH_FIELD;
      if (received.end - start < length) break;
      packets.push(new Uint8Array(received.bytes.subarray(start, start + length))); // a Buffer's slice is no copy
      received.start = start + length;
    }
    received.keep();
    return packets;
  }
}
