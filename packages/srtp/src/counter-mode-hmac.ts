import type { CounterModeCipher, HmacSha1, Keystream, PacketCipher } from './crypto-provider.ts';
import { copyHead, writeUint32, writeUint48, xorInto } from './octets.ts';

const SSRC_AT = 4;
const INDEX_AT = 8;

/** IV = (k_s · 2^16) XOR (SSRC · 2^64) XOR (i · 2^16), RFC 3711 §4.1.1. */
export function writeCounterModeIv(iv: Uint8Array, salt: Uint8Array, ssrc: number, index: number): void {
  iv.fill(0);
  writeUint32(iv, SSRC_AT, ssrc);
  writeUint48(iv, INDEX_AT, index);
  xorInto(iv, 0, salt);
}

/** What encrypts the part of a packet that is not left clear. */
export interface PacketEncryption {
  crypt(source: Uint8Array, clear: number, end: number, target: Uint8Array, ssrc: number, index: number): void;
  close(): void;
}

/** AES in counter mode (RFC 3711 §4.1.1, RFC 6188 §2), from a provider's primitive. */
export class CounterModeEncryption implements PacketEncryption {
  readonly #cipher: CounterModeCipher;
  readonly #salt: Uint8Array;
  readonly #iv = new Uint8Array(16);

  constructor(cipher: CounterModeCipher, salt: Uint8Array) {
    this.#cipher = cipher;
    this.#salt = salt.slice();
  }

  crypt(source: Uint8Array, clear: number, end: number, target: Uint8Array, ssrc: number, index: number): void {
    if (clear === end) return;
    writeCounterModeIv(this.#iv, this.#salt, ssrc, index);
    this.#cipher.apply(this.#iv, source, clear, end, target, clear);
  }

  close(): void {
    this.#cipher.close();
    this.#salt.fill(0);
    this.#iv.fill(0);
  }
}

/** An encryption with HMAC-SHA1 behind it (RFC 3711 §4.2.1), from a provider's primitives. */
export class HmacPacketCipher implements PacketCipher {
  readonly digestLength = 20;
  readonly #encryption: PacketEncryption;
  readonly #hmac: HmacSha1;
  readonly #trailer = new Uint8Array(4);
  readonly #digest = new Uint8Array(20);

  constructor(encryption: PacketEncryption, hmac: HmacSha1) {
    this.#encryption = encryption;
    this.#hmac = hmac;
  }

  protect(
    source: Uint8Array,
    clear: number,
    end: number,
    target: Uint8Array,
    keystream: Keystream | undefined,
    ssrc: number,
    index: number,
    trailer: number,
    tagAt: number,
    tagLength: number,
  ): void {
    this.crypt(source, clear, end, target, keystream, ssrc, index);
    this.#sign(target, end, trailer, this.#digest);
    target.set(this.#digest.subarray(0, tagLength), tagAt);
  }

  digest(
    source: Uint8Array,
    _clear: number,
    end: number,
    _keystream: Keystream | undefined,
    _ssrc: number,
    _index: number,
    trailer: number,
    digest: Uint8Array,
  ): void {
    this.#sign(source, end, trailer, digest);
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
    copyHead(source, clear, target);
    this.#encryption.crypt(source, clear, end, target, ssrc, index);
  }

  createKeystream(): undefined {
    return undefined;
  }

  close(): void {
    this.#encryption.close();
    this.#hmac.close();
    this.#trailer.fill(0);
    this.#digest.fill(0);
  }

  #sign(message: Uint8Array, length: number, trailer: number, digest: Uint8Array): void {
    writeUint32(this.#trailer, 0, trailer);
    this.#hmac.sign(message, length, this.#trailer, digest);
  }
}
