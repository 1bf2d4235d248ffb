import { StreamBuffer } from '@trustline/base';
import { looksLikeStun } from '../recognise.ts';
import { type ChannelData, readChannelData, readStunMessage, type StunMessage } from './stun-message.ts';

const HEADER = 20;

/**
 * Cuts one side of a connection to a relay into messages of STUN and ChannelData, which is padded to four octets there (RFC 8656
 * §12.5). What is neither ends it: there is no way to find the next.
 */
export class StunStream {
  readonly #held = new StreamBuffer();
  readonly #sink: (message: StunMessage | ChannelData) => void;
  #isLost = false;

  constructor(sink: (message: StunMessage | ChannelData) => void) {
    this.#sink = sink;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  push(octets: Uint8Array): void {
    if (this.#isLost) return;
    const held = this.#held;
    held.push(octets);
    while (held.held >= 4) {
      const rest = held.bytes.subarray(held.start, held.end);
      const length = ((rest[2] ?? 0) << 8) | (rest[3] ?? 0);
      const isStun = (rest[0] ?? 0) >> 6 === 0;
      if (isStun ? looksLikeStun(rest, true) === 'no' : (rest[0] ?? 0) >> 4 !== 4) {
        this.lose();
        return;
      }
      const end = isStun ? HEADER + length : 4 + length + (-length & 3);
      if (rest.byteLength < end) break;
      const message = isStun ? readStunMessage(rest.subarray(0, end)) : readChannelData(rest.subarray(0, end));
      if (message === undefined) {
        this.lose();
        return;
      }
      held.start += end;
      this.#sink(message);
    }
    held.keep();
  }

  /** Octets are missing. */
  lose(): void {
    this.#isLost = true;
    this.#held.drop();
  }
}
