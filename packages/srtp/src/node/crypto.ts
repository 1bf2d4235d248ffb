import { createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { CounterModeEncryption, HmacPacketCipher } from '../counter-mode-hmac.ts';
import type { BlockCipher, CounterModeCipher, HmacSha1, SrtpCryptoProvider } from '../crypto-provider.ts';
import { NodeGaloisCipher } from './galois.ts';

/**
 * Everything from node:crypto. Each key becomes a `KeyObject` once: on Node.js 24 handing a raw key to
 * `createCipheriv` or `createHmac` costs 11 to 25 µs a call, a `KeyObject` 2 to 3 µs. A `KeyObject` cannot be
 * cleared; `close` drops it and its memory goes with the garbage collection.
 */
export const nodeCrypto: SrtpCryptoProvider = {
  name: 'node',
  createCounterModeCipher: (key) => new NodeAes(key),
  createBlockCipher: (key) => new NodeAes(key),
  createHmacSha1: (key) => new NodeHmacSha1(key),
  createCounterModePacketCipher: ({ encryptionKey, salt, authenticationKey }) =>
    new HmacPacketCipher(
      new CounterModeEncryption(new NodeAes(encryptionKey), salt),
      new NodeHmacSha1(authenticationKey),
    ),
  createGaloisPacketCipher: (keys) => new NodeGaloisCipher(keys),
};

const BLOCK = 16;

/** One AES-ECB cipher for the life of the key, fed with counter blocks: cheaper than a new CTR cipher per packet. */
export class NodeAes implements CounterModeCipher, BlockCipher {
  #cipher: ReturnType<typeof createCipheriv> | undefined;
  #counters = new Uint8Array(16 * BLOCK);

  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv(`aes-${key.byteLength * 8}-ecb`, createSecretKey(key), null);
    this.#cipher.setAutoPadding(false);
  }

  /** Encrypts whole blocks; the result is memory of its own. */
  encryptBlocks(blocks: Uint8Array): Uint8Array {
    if (this.#cipher === undefined) throw new Error('the cipher is closed');
    return this.#cipher.update(blocks);
  }

  encrypt(block: Uint8Array, out: Uint8Array): void {
    const encrypted = this.encryptBlocks(block);
    out.set(encrypted);
    encrypted.fill(0);
  }

  apply(iv: Uint8Array, source: Uint8Array, from: number, to: number, target: Uint8Array, targetFrom: number): void {
    const blocks = Math.ceil((to - from) / BLOCK);
    if (blocks * BLOCK > this.#counters.byteLength) this.#counters = new Uint8Array(blocks * BLOCK);
    for (let block = 0; block < blocks; block++) {
      this.#counters.set(iv, block * BLOCK);
      this.#counters[block * BLOCK + 14] = block >>> 8;
      this.#counters[block * BLOCK + 15] = block;
    }
    const keystream = this.encryptBlocks(this.#counters.subarray(0, blocks * BLOCK));
    for (let i = 0; i < to - from; i++) {
      target[targetFrom + i] = (source[from + i] as number) ^ (keystream[i] as number);
    }
    keystream.fill(0);
  }

  close(): void {
    this.#counters.fill(0);
    this.#cipher = undefined;
  }
}

class NodeHmacSha1 implements HmacSha1 {
  #key: KeyObject | undefined;

  constructor(key: Uint8Array) {
    this.#key = createSecretKey(key);
  }

  sign(message: Uint8Array, length: number, trailer: Uint8Array, digest: Uint8Array): void {
    if (this.#key === undefined) throw new Error('the key is closed');
    const hmac = createHmac('sha1', this.#key).update(message.subarray(0, length));
    if (trailer.byteLength > 0) hmac.update(trailer);
    digest.set(hmac.digest());
  }

  close(): void {
    this.#key = undefined;
  }
}
