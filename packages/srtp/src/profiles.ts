/**
 * The protection profiles this library performs, by their names in RFC 4568 §6.2, RFC 6188 §4 and RFC 7714 §14.2. What
 * only authenticates has no name there; its two follow the others.
 */
export type SrtpProfileName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_192_CM_HMAC_SHA1_80'
  | 'AES_192_CM_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32'
  | 'AEAD_AES_128_GCM'
  | 'AEAD_AES_256_GCM'
  | 'F8_128_HMAC_SHA1_80'
  | 'NULL_HMAC_SHA1_80'
  | 'NULL_HMAC_SHA1_32';

/** What a profile fixes; all lengths in octets. */
export interface SrtpProfile {
  readonly name: SrtpProfileName;
  readonly encryption: 'counter-mode' | 'galois' | 'f8' | 'none';
  readonly masterKeyLength: number;
  readonly masterSaltLength: number;
  /** 0 where the encryption authenticates itself. */
  readonly authenticationKeyLength: number;
  readonly rtpTagLength: number;
  /** The 32-bit suites shorten only the tag of SRTP; that of SRTCP stays at 80 bits (RFC 4568 §6.2.2, RFC 6188 §4). */
  readonly rtcpTagLength: number;
}

function hmac(
  name: SrtpProfileName,
  encryption: SrtpProfile['encryption'],
  masterKeyLength: number,
  rtpTagLength: number,
): SrtpProfile {
  const fixed = { masterSaltLength: 14, authenticationKeyLength: 20, rtcpTagLength: 10 };
  return { name, encryption, masterKeyLength, rtpTagLength, ...fixed };
}

/** RFC 7714 §12: a salt of 12 octets, a tag of 16 in both protocols. */
function galois(name: SrtpProfileName, masterKeyLength: number): SrtpProfile {
  const fixed = { masterSaltLength: 12, authenticationKeyLength: 0, rtpTagLength: 16, rtcpTagLength: 16 };
  return { name, encryption: 'galois', masterKeyLength, ...fixed };
}

/** Every profile, by name. */
export const srtpProfiles: Readonly<Record<SrtpProfileName, SrtpProfile>> = {
  AES_CM_128_HMAC_SHA1_80: hmac('AES_CM_128_HMAC_SHA1_80', 'counter-mode', 16, 10),
  AES_CM_128_HMAC_SHA1_32: hmac('AES_CM_128_HMAC_SHA1_32', 'counter-mode', 16, 4),
  AES_192_CM_HMAC_SHA1_80: hmac('AES_192_CM_HMAC_SHA1_80', 'counter-mode', 24, 10),
  AES_192_CM_HMAC_SHA1_32: hmac('AES_192_CM_HMAC_SHA1_32', 'counter-mode', 24, 4),
  AES_256_CM_HMAC_SHA1_80: hmac('AES_256_CM_HMAC_SHA1_80', 'counter-mode', 32, 10),
  AES_256_CM_HMAC_SHA1_32: hmac('AES_256_CM_HMAC_SHA1_32', 'counter-mode', 32, 4),
  AEAD_AES_128_GCM: galois('AEAD_AES_128_GCM', 16),
  AEAD_AES_256_GCM: galois('AEAD_AES_256_GCM', 32),
  F8_128_HMAC_SHA1_80: hmac('F8_128_HMAC_SHA1_80', 'f8', 16, 10),
  NULL_HMAC_SHA1_80: hmac('NULL_HMAC_SHA1_80', 'none', 16, 10),
  NULL_HMAC_SHA1_32: hmac('NULL_HMAC_SHA1_32', 'none', 16, 4),
};
