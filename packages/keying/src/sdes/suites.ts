import type { SrtpProfileName } from '@trustline/srtp';

/** Registered names of the crypto suites (RFC 4568 §6.2, RFC 6188 §7, RFC 7714 §14.2). */
export type SdesSuiteName = SrtpProfileName | 'F8_128_HMAC_SHA1_80' | 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

/** What a suite fixes; lengths in octets. */
export interface SdesSuite {
  readonly name: SdesSuiteName;
  readonly keyLength: number;
  readonly saltLength: number;
  /** The profile that performs it, undefined for a suite that is understood but cannot be performed. */
  readonly profile: SrtpProfileName | undefined;
}

function performed(name: SrtpProfileName, keyLength: number): SdesSuite {
  return { name, keyLength, saltLength: 14, profile: name };
}

/** Every suite understood, by its registered name. */
export const sdesSuites: Readonly<Record<SdesSuiteName, SdesSuite>> = {
  AES_CM_128_HMAC_SHA1_80: performed('AES_CM_128_HMAC_SHA1_80', 16),
  AES_CM_128_HMAC_SHA1_32: performed('AES_CM_128_HMAC_SHA1_32', 16),
  AES_192_CM_HMAC_SHA1_80: performed('AES_192_CM_HMAC_SHA1_80', 24),
  AES_192_CM_HMAC_SHA1_32: performed('AES_192_CM_HMAC_SHA1_32', 24),
  AES_256_CM_HMAC_SHA1_80: performed('AES_256_CM_HMAC_SHA1_80', 32),
  AES_256_CM_HMAC_SHA1_32: performed('AES_256_CM_HMAC_SHA1_32', 32),
  F8_128_HMAC_SHA1_80: { name: 'F8_128_HMAC_SHA1_80', keyLength: 16, saltLength: 14, profile: undefined },
  AEAD_AES_128_GCM: { name: 'AEAD_AES_128_GCM', keyLength: 16, saltLength: 12, profile: undefined },
  AEAD_AES_256_GCM: { name: 'AEAD_AES_256_GCM', keyLength: 32, saltLength: 12, profile: undefined },
};

/** Spellings in the field that were never registered, for instance of older Cisco and FreeSWITCH releases. */
const otherSpellings: Readonly<Record<string, SdesSuiteName>> = {
  AES_CM_192_HMAC_SHA1_80: 'AES_192_CM_HMAC_SHA1_80',
  AES_CM_192_HMAC_SHA1_32: 'AES_192_CM_HMAC_SHA1_32',
  AES_CM_256_HMAC_SHA1_80: 'AES_256_CM_HMAC_SHA1_80',
  AES_CM_256_HMAC_SHA1_32: 'AES_256_CM_HMAC_SHA1_32',
};

/** The suite of a name in either spelling and any case, undefined for one that is not known. */
export function sdesSuiteNamed(written: string): SdesSuite | undefined {
  const name = written.toUpperCase();
  const registered = Object.hasOwn(otherSpellings, name) ? otherSpellings[name] : name;
  return registered !== undefined && Object.hasOwn(sdesSuites, registered)
    ? sdesSuites[registered as SdesSuiteName]
    : undefined;
}
