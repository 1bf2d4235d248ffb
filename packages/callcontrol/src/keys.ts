import {
  type CryptoAttribute,
  isSameMasterKey,
  keyDerivationRateOf,
  keyFingerprint,
  type SdesSuiteName,
  sdesSuites,
} from '@trustline/keying';

/**
 * A way to protect what the describing end sends, as SDES names it (RFC 4568 §4); legs of other protocols write their
 * keys in this form. Its bytes are redacted: call control compares and carries keys, and never reads one.
 */
export type MediaKey = CryptoAttribute;

/** A name for each master key that gives nothing of it away, for the table of keys seen. */
export function keyFingerprints(key: MediaKey): readonly string[] {
  return key.keys.map(({ material }) => keyFingerprint(material));
}

/** True when the two hold the same master keys under the same suite. */
export function isSameKey(a: MediaKey, b: MediaKey): boolean {
  if (a.suite?.name !== b.suite?.name) return false;
  if (a.keys.length !== b.keys.length) return false;
  return a.keys.every((one) => b.keys.some((other) => isSameMasterKey(one.material, other.material)));
}

/** True when SRTP session keys are derived from the two equally often: another rate makes other keys (RFC 4568 §6.3.1). */
export function isSameRate(a: MediaKey, b: MediaKey): boolean {
  return keyDerivationRateOf(a) === keyDerivationRateOf(b);
}

/** The keys of a stream whose suites are allowed, in the order in which the suites are preferred. */
export function allowedKeys(keys: readonly MediaKey[], suites: readonly SdesSuiteName[]): readonly MediaKey[] {
  return suites.flatMap((suite) => keys.filter((key) => key.suite?.name === suite));
}

/**
 * The first key that could serve under an allowed suite, so written; undefined when none has the length. The sender's
 * own key is kept, since only it will send with it.
 */
export function steeredKey(keys: readonly MediaKey[], suites: readonly SdesSuiteName[]): MediaKey | undefined {
  for (const suiteName of suites) {
    const suite = sdesSuites[suiteName];
    const key = keys.find(
      (candidate) => candidate.suite?.keyLength === suite.keyLength && candidate.suite.saltLength === suite.saltLength,
    );
    if (key !== undefined) return { ...key, suiteName, suite };
  }
  return undefined;
}

/**
 * True for a key whose line may be carried and taken: it does not ask to leave packets unencrypted or unauthenticated
 * (RFC 4568 §6.3.2, §6.3.3), and has no mandatory session parameter that nobody here understands, which "MUST NOT be
 * accepted" (RFC 4568 §6.3.7). A key derivation rate goes on with its key, unchanged: the two ends do the SRTP, and the
 * receiving one, which alone has to derive by it, takes the line or leaves it (RFC 4568 §6.3.1).
 */
export function isUsable(key: MediaKey): boolean {
  return key.sessionParameters.every((parameter) => {
    switch (parameter.kind) {
      case 'unencrypted-srtp':
      case 'unencrypted-srtcp':
      case 'unauthenticated-srtp':
        return false;
      case 'unknown':
        return parameter.optional;
      default:
        return true;
    }
  });
}
