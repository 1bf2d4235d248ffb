/** The protection profiles this library performs, by their names in RFC 4568 §6.2 and RFC 6188 §4. */
export type SrtpProfileName =
  | 'AES_CM_128_HMAC_SHA1_80'
  | 'AES_CM_128_HMAC_SHA1_32'
  | 'AES_192_CM_HMAC_SHA1_80'
  | 'AES_192_CM_HMAC_SHA1_32'
  | 'AES_256_CM_HMAC_SHA1_80'
  | 'AES_256_CM_HMAC_SHA1_32';

/** What a profile fixes; all lengths in octets. */
export interface SrtpProfile {
  readonly name: SrtpProfileName;
  readonly masterKeyLength: number;
  readonly masterSaltLength: number;
  readonly authenticationKeyLength: number;
  readonly rtpTagLength: number;
  /** The 32-bit suites shorten only the tag of SRTP; that of SRTCP stays at 80 bits (RFC 4568 §6.2.2, RFC 6188 §4). */
  readonly rtcpTagLength: number;
}

function counterMode(name: SrtpProfileName, masterKeyLength: number, rtpTagLength: number): SrtpProfile {
  return { name, masterKeyLength, masterSaltLength: 14, authenticationKeyLength: 20, rtpTagLength, rtcpTagLength: 10 };
}

/** Every profile, by name. */
export const srtpProfiles: Readonly<Record<SrtpProfileName, SrtpProfile>> = {
  AES_CM_128_HMAC_SHA1_80: counterMode('AES_CM_128_HMAC_SHA1_80', 16, 10),
  AES_CM_128_HMAC_SHA1_32: counterMode('AES_CM_128_HMAC_SHA1_32', 16, 4),
  AES_192_CM_HMAC_SHA1_80: counterMode('AES_192_CM_HMAC_SHA1_80', 24, 10),
  AES_192_CM_HMAC_SHA1_32: counterMode('AES_192_CM_HMAC_SHA1_32', 24, 4),
  AES_256_CM_HMAC_SHA1_80: counterMode('AES_256_CM_HMAC_SHA1_80', 32, 10),
  AES_256_CM_HMAC_SHA1_32: counterMode('AES_256_CM_HMAC_SHA1_32', 32, 4),
};
