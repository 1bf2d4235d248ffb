import { type SrtpProfileName, srtpProfiles } from '@trustline/srtp';

/** Registered names of the crypto suites (RFC 4568 §6.2, RFC 6188 §7, RFC 7714 §14.2). None lacks encryption. */
export type SdesSuiteName = Exclude<SrtpProfileName, `NULL_${string}`>;

/** What a suite fixes; lengths in octets. `srtp` performs it as the profile of the same name. */
export interface SdesSuite {
  readonly name: SdesSuiteName;
  readonly keyLength: number;
  readonly saltLength: number;
}

function suite(name: SdesSuiteName): SdesSuite {
  const { masterKeyLength, masterSaltLength } = srtpProfiles[name];
  return { name, keyLength: masterKeyLength, saltLength: masterSaltLength };
}

/** Every suite, by its registered name. */
export const sdesSuites: Readonly<Record<SdesSuiteName, SdesSuite>> = {
  AES_CM_128_HMAC_SHA1_80: suite('AES_CM_128_HMAC_SHA1_80'),
  AES_CM_128_HMAC_SHA1_32: suite('AES_CM_128_HMAC_SHA1_32'),
  AES_192_CM_HMAC_SHA1_80: suite('AES_192_CM_HMAC_SHA1_80'),
  AES_192_CM_HMAC_SHA1_32: suite('AES_192_CM_HMAC_SHA1_32'),
  AES_256_CM_HMAC_SHA1_80: suite('AES_256_CM_HMAC_SHA1_80'),
  AES_256_CM_HMAC_SHA1_32: suite('AES_256_CM_HMAC_SHA1_32'),
  F8_128_HMAC_SHA1_80: suite('F8_128_HMAC_SHA1_80'),
  AEAD_AES_128_GCM: suite('AEAD_AES_128_GCM'),
  AEAD_AES_256_GCM: suite('AEAD_AES_256_GCM'),
};

/**
 * What an end offers and takes unless it is told otherwise, best first: long keys and authenticated encryption before
 * what every phone has. AES-192 and F8 are performed where somebody asks for them by name.
 */
export const preferredSuites: readonly SdesSuiteName[] = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
];

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
