/** H.235.8 §8: what a capability or an encryption algorithm is called. */
export const SRTP_CAPABILITY = '0.0.8.235.0.4.90';

/**
 * The two suites that are offered and accepted. What is called `.93` and above means F8 to one stack and AES-256 to
 * another [R: OPAL, Wireshark], so it is never either.
 */
export const srtpSuites = {
  AES_CM_128_HMAC_SHA1_80: '0.0.8.235.0.4.91',
  AES_CM_128_HMAC_SHA1_32: '0.0.8.235.0.4.92',
} as const;

export type SrtpSuite = keyof typeof srtpSuites;

const byIdentifier = new Map<string, SrtpSuite>(
  Object.entries(srtpSuites).map(([suite, identifier]) => [identifier, suite as SrtpSuite]),
);

/** The suite with this object identifier; undefined for all others. */
export function srtpSuiteOf(identifier: string): SrtpSuite | undefined {
  return byIdentifier.get(identifier);
}
