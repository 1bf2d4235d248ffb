import { constants, inflateRawSync } from 'node:zlib';

/** What a message may become; beyond it is given up, and with it the window. */
export const MOST_INFLATED = 262_144;
/** LZ77 looks back so far (RFC 1951 §2). */
const WINDOW = 32_768;
/** What a sender leaves out at the end of each message (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
const nothing = new Uint8Array(0);

/**
 * permessage-deflate (RFC 7692) of one direction. What came before is the dictionary of what comes: a sender that begins
 * anew with each message does not refer to it.
 */
export class MessageInflater {
  #window = nothing;

  /** Octets that it remembers. */
  get held(): number {
    return this.#window.length;
  }

  /** Undefined where it cannot be inflated, for instance as what it refers to was not captured. */
  inflate(octets: Uint8Array): Uint8Array | undefined {
    const input = new Uint8Array(octets.length + TAIL.length);
    input.set(octets);
    input.set(TAIL, octets.length);
    try {
      const inflated = inflateRawSync(input, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: MOST_INFLATED,
        ...(this.#window.length === 0 ? {} : { dictionary: this.#window }),
      });
      this.#remember(inflated);
      return inflated;
    } catch {
      this.forget();
      return undefined;
    }
  }

  /** A message is missing. */
  forget(): void {
    this.#window = nothing;
  }

  #remember(inflated: Uint8Array): void {
    if (inflated.length >= WINDOW) {
      this.#window = inflated.slice(-WINDOW);
      return;
    }
    const kept = this.#window.subarray(Math.max(0, this.#window.length + inflated.length - WINDOW));
    const window = new Uint8Array(kept.length + inflated.length);
    window.set(kept);
    window.set(inflated, kept.length);
    this.#window = window;
  }
}
