import type { CounterModeCipher, HmacSha1, SrtpCryptoProvider } from './crypto-provider.ts';
import { type KeyDerivationLabel, keyDerivationLabels, type SessionKeyDerivation } from './key-derivation.ts';
import { equalInConstantTime, writeUint32, writeUint48, xorInto } from './octets.ts';
import type { SrtpProfile } from './profiles.ts';

/**
 * Encrypts and authenticates the packets of one protocol (SRTP or SRTCP) under one set of session keys. It knows
 * nothing of indices seen before: contexts decide what may pass, this only computes.
 */
export interface PacketTransform {
  /** Encrypts or decrypts `source[from, to)` into `target` at the same offsets; the two may be the same memory. */
  crypt(source: Uint8Array, from: number, to: number, target: Uint8Array, ssrc: number, index: number): void;
  /** Writes the authentication tag of `message[0, length)` ‖ `trailer` to `out` at `at`. */
  writeTag(message: Uint8Array, length: number, trailer: Uint8Array, out: Uint8Array, at: number): void;
  /** Whether the tag of `message[0, length)` ‖ `trailer` stands in `packet` at `at`; takes constant time. */
  tagMatches(message: Uint8Array, length: number, trailer: Uint8Array, at: number): boolean;
  close(): void;
}

const SALT_OCTETS = 14;
const SHA1_OCTETS = 20;
const SSRC_AT = 4;
const INDEX_AT = 8;

interface Labels {
  readonly encryption: KeyDerivationLabel;
  readonly authentication: KeyDerivationLabel;
  readonly salt: KeyDerivationLabel;
}

const rtpLabels: Labels = {
  encryption: keyDerivationLabels.rtpEncryption,
  authentication: keyDerivationLabels.rtpAuthentication,
  salt: keyDerivationLabels.rtpSalt,
};

const rtcpLabels: Labels = {
  encryption: keyDerivationLabels.rtcpEncryption,
  authentication: keyDerivationLabels.rtcpAuthentication,
  salt: keyDerivationLabels.rtcpSalt,
};

export function createRtpTransform(
  provider: SrtpCryptoProvider,
  profile: SrtpProfile,
  derivation: SessionKeyDerivation,
): PacketTransform {
  return createTransform(provider, profile, derivation, rtpLabels, profile.rtpTagLength);
}

export function createRtcpTransform(
  provider: SrtpCryptoProvider,
  profile: SrtpProfile,
  derivation: SessionKeyDerivation,
): PacketTransform {
  return createTransform(provider, profile, derivation, rtcpLabels, profile.rtcpTagLength);
}

function createTransform(
  provider: SrtpCryptoProvider,
  profile: SrtpProfile,
  derivation: SessionKeyDerivation,
  labels: Labels,
  tagLength: number,
): PacketTransform {
  const encryptionKey = derivation.derive(labels.encryption, profile.masterKeyLength);
  const authenticationKey = derivation.derive(labels.authentication, profile.authenticationKeyLength);
  const salt = derivation.derive(labels.salt, SALT_OCTETS);
  const transform = new CounterModeHmacTransform(
    provider.createCounterModeCipher(encryptionKey),
    provider.createHmacSha1(authenticationKey),
    salt,
    tagLength,
  );
  encryptionKey.fill(0);
  authenticationKey.fill(0);
  return transform;
}

/**
 * AES in counter mode (RFC 3711 §4.1.1, RFC 6188 §2) with HMAC-SHA1 (RFC 3711 §4.2.1). Its fields are private to the
 * engine, so that printing a context shows no secret.
 */
class CounterModeHmacTransform implements PacketTransform {
  readonly #cipher: CounterModeCipher;
  readonly #hmac: HmacSha1;
  readonly #salt: Uint8Array;
  readonly #tagLength: number;
  readonly #iv = new Uint8Array(16);
  readonly #digest = new Uint8Array(SHA1_OCTETS);

  constructor(cipher: CounterModeCipher, hmac: HmacSha1, salt: Uint8Array, tagLength: number) {
    this.#cipher = cipher;
    this.#hmac = hmac;
    this.#salt = salt;
    this.#tagLength = tagLength;
  }

  crypt(source: Uint8Array, from: number, to: number, target: Uint8Array, ssrc: number, index: number): void {
    if (to === from) return;
    // IV = (k_s * 2^16) XOR (SSRC * 2^64) XOR (i * 2^16), RFC 3711 §4.1.1
    this.#iv.fill(0);
    writeUint32(this.#iv, SSRC_AT, ssrc);
    writeUint48(this.#iv, INDEX_AT, index);
    xorInto(this.#iv, 0, this.#salt);
    this.#cipher.apply(this.#iv, source, from, to, target, from);
  }

  writeTag(message: Uint8Array, length: number, trailer: Uint8Array, out: Uint8Array, at: number): void {
    this.#hmac.sign(message, length, trailer, this.#digest);
    for (let i = 0; i < this.#tagLength; i++) out[at + i] = this.#digest[i] as number;
  }

  tagMatches(message: Uint8Array, length: number, trailer: Uint8Array, at: number): boolean {
    this.#hmac.sign(message, length, trailer, this.#digest);
    return equalInConstantTime(this.#digest, 0, message, at, this.#tagLength);
  }

  close(): void {
    this.#cipher.close();
    this.#hmac.close();
    for (const secret of [this.#salt, this.#iv, this.#digest]) secret.fill(0);
  }
}
