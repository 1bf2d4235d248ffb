import type { CipherSuite } from './cipher-suites.ts';
import type { TlsRecord } from './record-splitter.ts';

export interface OpenedRecord {
  /** Of the content, which TLS 1.3 hides within. */
  readonly type: number;
  readonly octets: Uint8Array;
  /** The number of the record, of those with the same keys. */
  readonly sequence: number;
}

/** Opens the records of one direction with one set of keys. */
export interface RecordOpener {
  /**
   * Opens a record, and says its number: `sequence`, or one of those after it, `span` of them in all, where records were lost.
   * Undefined where it does not verify.
   */
  open(record: TlsRecord, sequence: number, span: number): OpenedRecord | undefined;
  /** Whether the next record can be told from chance: not in TLS 1.0 while the record before it is missing. */
  readonly canVerify: boolean;
  /** Records before the next were not seen. */
  lose(): void;
}

/** What a direction has of the keys (RFC 5246 §6.3); those of TLS 1.3 have no MAC. */
export interface DirectionKeys {
  readonly mac: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** What a suite takes, in octets, and the name of its cipher in OpenSSL. */
export interface CipherShape {
  readonly openssl: string;
  readonly keyLength: number;
  /** Of the part that follows from the handshake. */
  readonly fixedIvLength: number;
  /** Of CBC the block, of AEAD the explicit part of the nonce before TLS 1.3. */
  readonly recordIvLength: number;
  readonly tagLength: number;
}

const ciphers: Readonly<Record<string, string>> = {
  AES_128_GCM: 'aes-128-gcm',
  AES_256_GCM: 'aes-256-gcm',
  AES_128_CCM: 'aes-128-ccm',
  AES_256_CCM: 'aes-256-ccm',
  AES_128_CCM_8: 'aes-128-ccm',
  AES_256_CCM_8: 'aes-256-ccm',
  ARIA_128_GCM: 'aria-128-gcm',
  ARIA_256_GCM: 'aria-256-gcm',
  CHACHA20_POLY1305: 'chacha20-poly1305',
  AES_128_CBC: 'aes-128-cbc',
  AES_256_CBC: 'aes-256-cbc',
  CAMELLIA_128_CBC: 'camellia-128-cbc',
  CAMELLIA_256_CBC: 'camellia-256-cbc',
  ARIA_128_CBC: 'aria-128-cbc',
  ARIA_256_CBC: 'aria-256-cbc',
  '3DES_EDE_CBC': 'des-ede3-cbc',
};

/** How the cipher of a suite is used; undefined for one that is not opened here: RC4, DES, IDEA, SEED and those for export. */
export function cipherShape(suite: CipherSuite): CipherShape | undefined {
  const openssl = ciphers[suite.cipher];
  if (openssl === undefined || suite.isExport) return undefined;
  if (suite.mode === 'cbc') {
    const isTriple = openssl === 'des-ede3-cbc';
    const block = isTriple ? 8 : 16;
    const keyLength = isTriple ? 24 : /256/.test(openssl) ? 32 : 16;
    return { openssl, keyLength, fixedIvLength: block, recordIvLength: block, tagLength: 0 };
  }
  const keyLength = /128/.test(suite.cipher) ? 16 : 32;
  const tagLength = suite.cipher.endsWith('CCM_8') ? 8 : 16;
  // RFC 7905 §2: the nonce of ChaCha20-Poly1305 is as that of TLS 1.3.
  const isWhole = suite.isTls13 || suite.cipher === 'CHACHA20_POLY1305';
  return {
    openssl,
    keyLength,
    fixedIvLength: isWhole ? 12 : 4,
    recordIvLength: isWhole ? 0 : 8,
    tagLength,
  };
}

/** What `node:crypto` gives is a `Buffer`, whose `slice` copies nothing: readers are given what others give them. */
export function plainOctets({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The number of a record as eight octets, at the start of what is authenticated. */
export function writeSequence(view: DataView, at: number, sequence: number): void {
  view.setUint32(at, Math.floor(sequence / 2 ** 32));
  view.setUint32(at + 4, sequence % 2 ** 32);
}
