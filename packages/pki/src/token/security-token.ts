import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../certificate.ts';

/** The hashes that signed trust lists carry (cisco-phones §1.2, tag 8). */
export type TokenDigest = 'SHA-1' | 'SHA-512';

/**
 * Where a token comes from, by its own word: nothing in PKCS#11 proves what these fields say, and whoever relies on
 * a token reads them. Texts may be empty when the token leaves them so.
 */
export interface TokenAttestation {
  readonly kind: 'pkcs11' | 'software';
  /** A token for labs, whose key is a file: every list that it signs is marked as such. */
  readonly lab: boolean;
  /** The PKCS#11 module, or the file of a software token. */
  readonly module: string;
  readonly manufacturer: string;
  readonly model: string;
  /** The same as the token's `serial`. */
  readonly serial: string;
  /** `2.6`; empty where there is none. */
  readonly firmware: string;
}

/**
 * A security token that has been opened with its PIN: it holds keys that never leave it, with certificates for them,
 * and signs trust lists. Every method throws `TokenError`; none tries a PIN again.
 */
export interface SecurityToken {
  /** The name that its owner gave it, for people. */
  readonly label: string;
  /** Tells it from every other token of its maker. */
  readonly serial: string;
  readonly attestation: TokenAttestation;

  /** Every readable X.509 certificate on it; that a key belongs to it is found out by signing. */
  certificates(): Promise<readonly Certificate[]>;

  /**
   * RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) over the hash of `data`, by the key of a certificate on this token. The
   * signature has been verified with that certificate before it is returned: 256 octets.
   *
   * @throws {TokenError} token.key-missing, token.removed, token.signature-wrong, token.failed, token.closed
   */
  sign(certificate: Certificate, digest: TokenDigest, data: Uint8Array): Promise<Uint8Array>;

  /** Logs out and forgets every secret. May be called twice. */
  close(): Promise<void>;
}

/** A key that was made on a token and has no certificate yet. */
export interface NewTokenKey {
  readonly publicKey: KeyObject;
  /** RSASSA-PKCS1-v1_5 by the new key: its request proves with it that the token holds the key. */
  sign(digest: TokenDigest, data: Uint8Array): Promise<Uint8Array>;
}

/** A token that can be given its key and certificate. */
export interface InitialisableToken extends SecurityToken {
  /**
   * The RSA-2048 key that is to get a certificate: made on the token, where it stays, or left there by an
   * initialisation that was broken off.
   *
   * @throws {TokenError} token.already-initialised when the token has its certificate
   */
  makeKey(): Promise<NewTokenKey>;

  /** Stores the certificate of the key that `makeKey` gave: the token is ready then. */
  storeCertificate(certificate: Certificate): Promise<void>;
}
