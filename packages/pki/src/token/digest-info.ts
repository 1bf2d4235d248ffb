import { createHash } from 'node:crypto';
import type { TokenDigest } from './security-token.ts';

/** The DER before the hash in a DigestInfo (RFC 8017 §9.2, note 1). */
const prefixes: Readonly<Record<TokenDigest, string>> = {
  'SHA-1': '3021300906052b0e03021a05000414',
  'SHA-512': '3051300d060960864801650304020305000440',
};

const hashes: Readonly<Record<TokenDigest, string>> = { 'SHA-1': 'sha1', 'SHA-512': 'sha512' };

/** The name by which `node:crypto` knows a hash. */
export function hashNameOf(digest: TokenDigest): string {
  return hashes[digest];
}

/**
 * What RSASSA-PKCS1-v1_5 pads and signs (RFC 8017 §9.2): the hash of the data with its algorithm. Tokens get this
 * and not the data: every one of them has the bare RSA mechanism, not all have SHA-512, and a list may be long.
 */
export function encodeDigestInfo(digest: TokenDigest, data: Uint8Array): Uint8Array {
  const hash = createHash(hashes[digest]).update(data).digest();
  const prefix = Uint8Array.from(prefixes[digest].match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
  const encoded = new Uint8Array(prefix.length + hash.length);
  encoded.set(prefix);
  encoded.set(hash, prefix.length);
  return encoded;
}
