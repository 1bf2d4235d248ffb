import { type CipherGCM, createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { GaloisKeys, Keystream, PacketCipher } from '../crypto-provider.ts';
import { writeGaloisIv } from '../galois-iv.ts';
import { copyHead, writeUint32 } from '../octets.ts';

const IV = 12;

/** AES-GCM of node:crypto over whole packets (RFC 7714). */
export class NodeGaloisCipher implements PacketCipher {
  readonly digestLength = 16;
  #key: KeyObject | undefined;
  readonly #bits: 128 | 256;
  readonly #salt: Uint8Array;
  readonly #iv = new Uint8Array(IV);
  readonly #hasTrailer: boolean;
  readonly #trailer = new Uint8Array(4);

  constructor(keys: GaloisKeys) {
    this.#key = createSecretKey(keys.encryptionKey);
    this.#bits = keys.encryptionKey.byteLength === 32 ? 256 : 128;
    this.#salt = keys.salt.slice();
    this.#hasTrailer = keys.protocol === 'rtcp';
  }

  protect(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    _keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    tagAt: number,
    tagLength: number,
  ): void {
    const cipher = this.#cipher(ssrc, index);
    this.#associate(cipher, source, clear, trailer);
    const encrypted = cipher.update(source.subarray(clear, end));
    cipher.final();
    copyHead(source, clear, target);
    target.set(encrypted, clear);
    target.set(cipher.getAuthTag().subarray(0, tagLength), tagAt);
  }

  /**
   * The tag that the ciphertext should have. node:crypto tells a tag only for what it encrypted itself, so it decrypts
   * first: in counter mode that is encrypting again, and the second pass makes tag and ciphertext out of that.
   */
  digest(
    source: Uint8Array,
    clear: number,
    end: number,
    _keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    digest: Uint8Array,
  ): void {
    const plain = this.#cipher(ssrc, index).update(source.subarray(clear, end));
    const cipher = this.#cipher(ssrc, index);
    this.#associate(cipher, source, clear, trailer);
    cipher.update(plain);
    cipher.final();
    digest.set(cipher.getAuthTag());
    plain.fill(0);
  }

  open(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void {
    this.crypt(source, clear, end, target, keystream, ssrc, index);
  }

  crypt(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    _keystream: Keystream | undefined,
    ssrc: number,
    index: number,
  ): void {
    const crypted = this.#cipher(ssrc, index).update(source.subarray(clear, end));
    copyHead(source, clear, target);
    target.set(crypted, clear);
    crypted.fill(0);
  }

  createKeystream(): undefined {
    return undefined;
  }

  close(): void {
    this.#key = undefined;
    this.#salt.fill(0);
    this.#iv.fill(0);
  }

  #cipher(ssrc: number, index: number): CipherGCM {
    if (this.#key === undefined) throw new Error('the key is closed');
    writeGaloisIv(this.#iv, this.#salt, ssrc, index);
    return createCipheriv(`aes-${this.#bits}-gcm`, this.#key, this.#iv);
  }

  #associate(cipher: CipherGCM, source: Uint8Array, clear: number, trailer: number): void {
    cipher.setAAD(source.subarray(0, clear));
    if (!this.#hasTrailer) return;
    writeUint32(this.#trailer, 0, trailer);
    cipher.setAAD(this.#trailer);
  }
}
