/**
 * The primitives this library borrows. A provider is passed in, so that the same code runs on Node.js
 * (`@trustline/srtp/node`), in browsers and over any other engine. Everything is synchronous.
 *
 * A provider copies the key it is given into whatever it keeps; the caller clears its own copy afterwards.
 */
export interface SrtpCryptoProvider {
  /** AES in counter mode as RFC 3711 §4.1.1 uses it; `key` has 16, 24 or 32 octets. */
  createCounterModeCipher(key: Uint8Array): CounterModeCipher;
  /** HMAC-SHA1 (RFC 2104) under a key of any length. */
  createHmacSha1(key: Uint8Array): HmacSha1;
}

export interface CounterModeCipher {
  /**
   * XORs `source[from, to)` with the keystream whose first counter block is `iv` and writes it to `target` at
   * `targetFrom`. `source` and `target` may be the same memory at the same offsets. The low 16 bits of `iv` are
   * the block counter and start at zero, so at most 2^16 blocks are asked for (RFC 3711 §4.1.1).
   */
  apply(iv: Uint8Array, source: Uint8Array, from: number, to: number, target: Uint8Array, targetFrom: number): void;
  /** Clears the key as far as the platform allows. */
  close(): void;
}

export interface HmacSha1 {
  /** Writes the 20 octets of HMAC(`message[0, length)` ‖ `trailer`) to `digest`. */
  sign(message: Uint8Array, length: number, trailer: Uint8Array, digest: Uint8Array): void;
  /** Clears the key as far as the platform allows. */
  close(): void;
}
