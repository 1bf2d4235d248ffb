import { createHash } from 'node:crypto';

/**
 * A way to protect what the describing end sends: SDES's `a=crypto` (RFC 4568), Skinny's key structure, H.235's key.
 * The bytes are kept by the two legs and by nothing that is logged, stored or shown.
 */
export interface MediaKey {
  /** Unique in its stream, 1–999999999; the answer names the offer's (RFC 4568 §4.1). */
  readonly tag: number;
  /** IANA's name of the crypto suite, `AES_CM_128_HMAC_SHA1_80`. */
  readonly suite: string;
  /** One or more, told apart by their MKI when there are several. */
  readonly masterKeys: readonly MasterKey[];
  /** Session parameters as written, `UNENCRYPTED_SRTCP`, in order. */
  readonly sessionParameters: readonly string[];
}

export interface MasterKey {
  /** Master key and master salt, joined; their lengths are the suite's. */
  readonly keyAndSalt: Uint8Array;
}

/** Octets of master key and salt together (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.2). */
const keyLengths: Readonly<Record<string, number>> = {
  AES_CM_128_HMAC_SHA1_80: 30,
  AES_CM_128_HMAC_SHA1_32: 30,
  AES_192_CM_HMAC_SHA1_80: 38,
  AES_192_CM_HMAC_SHA1_32: 38,
  AES_256_CM_HMAC_SHA1_80: 46,
  AES_256_CM_HMAC_SHA1_32: 46,
  AEAD_AES_128_GCM: 28,
  AEAD_AES_256_GCM: 44,
};

/** A name for each master key that gives nothing of it away, for the table of keys seen. */
export function keyFingerprints(key: MediaKey): readonly string[] {
  return key.masterKeys.map(({ keyAndSalt }) => createHash('sha256').update(keyAndSalt).digest('base64'));
}

/** True when the two hold the same master keys under the same suite. */
export function isSameKey(a: MediaKey, b: MediaKey): boolean {
  if (a.suite !== b.suite) return false;
  const known = new Set(keyFingerprints(b));
  return a.masterKeys.length === b.masterKeys.length && keyFingerprints(a).every((name) => known.has(name));
}

/** The keys of a stream whose suites are allowed, in the order in which the suites are preferred. */
export function allowedKeys(keys: readonly MediaKey[], suites: readonly string[]): readonly MediaKey[] {
  return suites.flatMap((suite) => keys.filter((key) => key.suite === suite));
}

/**
 * The first key that could serve under an allowed suite, so written; undefined when no length fits. The sender's own
 * key is kept, since only it will send with it.
 */
export function steeredKey(keys: readonly MediaKey[], suites: readonly string[]): MediaKey | undefined {
  for (const suite of suites) {
    const key = keys.find((candidate) => keyLengths[candidate.suite] === keyLengths[suite]);
    if (key !== undefined && keyLengths[suite] !== undefined) return { ...key, suite };
  }
  return undefined;
}
