/** How a stream is protected. [C2: WS, CHSCCP; 5 and 6 in their newer versions only] */
export const MediaEncryptionAlgorithm = {
  NO_ENCRYPTION: 0,
  CCM_AES_CM_128_HMAC_SHA1_32: 1,
  CCM_AES_CM_128_HMAC_SHA1_80: 2,
  CCM_F8_128_HMAC_SHA1_32: 3,
  CCM_F8_128_HMAC_SHA1_80: 4,
  CCM_AEAD_AES_128_GCM: 5,
  // Its key has 32 octets and the structure room for 16: it cannot be carried. [CRS]
  CCM_AEAD_AES_256_GCM: 6,
} as const;
