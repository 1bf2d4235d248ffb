/** Names of what IKE negotiates (IANA, Internet Key Exchange version 2 and the registry of version 1). */

/** Encryption of version 2 (RFC 7296 §3.3.2), by which those of version 1 are named, too. */
export const encryptionNames: Readonly<Record<number, string>> = {
  1: 'DES-IV64',
  2: 'DES',
  3: '3DES',
  4: 'RC5',
  5: 'IDEA',
  6: 'CAST',
  7: 'Blowfish',
  8: '3IDEA',
  9: 'DES-IV32',
  11: 'NULL',
  12: 'AES-CBC',
  13: 'AES-CTR',
  14: 'AES-CCM-8',
  15: 'AES-CCM-12',
  16: 'AES-CCM-16',
  18: 'AES-GCM-8',
  19: 'AES-GCM-12',
  20: 'AES-GCM-16',
  21: 'NULL with AES-GMAC',
  23: 'Camellia-CBC',
  24: 'Camellia-CTR',
  25: 'Camellia-CCM-8',
  26: 'Camellia-CCM-12',
  27: 'Camellia-CCM-16',
  28: 'ChaCha20-Poly1305',
};

export const encryptionNames1: Readonly<Record<number, string>> = {
  1: 'DES',
  2: 'IDEA',
  3: 'Blowfish',
  4: 'RC5',
  5: '3DES',
  6: 'CAST',
  7: 'AES-CBC',
  8: 'Camellia-CBC',
};

export const integrityNames: Readonly<Record<number, string>> = {
  1: 'HMAC-MD5-96',
  2: 'HMAC-SHA1-96',
  3: 'DES-MAC',
  4: 'KPDK-MD5',
  5: 'AES-XCBC-96',
  6: 'HMAC-MD5-128',
  7: 'HMAC-SHA1-160',
  8: 'AES-CMAC-96',
  9: 'AES-128-GMAC',
  10: 'AES-192-GMAC',
  11: 'AES-256-GMAC',
  12: 'HMAC-SHA2-256-128',
  13: 'HMAC-SHA2-384-192',
  14: 'HMAC-SHA2-512-256',
};

export const hashNames1: Readonly<Record<number, string>> = {
  1: 'HMAC-MD5',
  2: 'HMAC-SHA1',
  3: 'HMAC-Tiger',
  4: 'HMAC-SHA2-256',
  5: 'HMAC-SHA2-384',
  6: 'HMAC-SHA2-512',
};

/** Groups have the same numbers in both versions. */
export const groupNames: Readonly<Record<number, string>> = {
  1: 'MODP-768',
  2: 'MODP-1024',
  5: 'MODP-1536',
  14: 'MODP-2048',
  15: 'MODP-3072',
  16: 'MODP-4096',
  17: 'MODP-6144',
  18: 'MODP-8192',
  19: 'P-256',
  20: 'P-384',
  21: 'P-521',
  22: 'MODP-1024-160',
  23: 'MODP-2048-224',
  24: 'MODP-2048-256',
  25: 'P-192',
  26: 'P-224',
  27: 'brainpoolP224r1',
  28: 'brainpoolP256r1',
  29: 'brainpoolP384r1',
  30: 'brainpoolP512r1',
  31: 'Curve25519',
  32: 'Curve448',
};

/** RFC 8247 §2.4: those that are not to be used. */
export const smallGroups: ReadonlySet<string> = new Set([
  'MODP-768',
  'MODP-1024',
  'MODP-1536',
  'MODP-1024-160',
  'MODP-2048-224',
  'MODP-2048-256',
  'P-192',
]);

/** Of version 1 (RFC 2409 appendix A, and the drafts of XAUTH and hybrid authentication). */
export const authenticationNames1: Readonly<Record<number, string>> = {
  1: 'pre-shared key',
  2: 'DSS signatures',
  3: 'RSA signatures',
  4: 'RSA encryption',
  5: 'revised RSA encryption',
  9: 'ECDSA P-256',
  10: 'ECDSA P-384',
  11: 'ECDSA P-521',
  64221: 'hybrid RSA',
  65001: 'pre-shared key and XAUTH',
  65005: 'RSA signatures and XAUTH',
};

export const exchangeNames: Readonly<Record<number, string>> = {
  1: 'base',
  2: 'main mode',
  3: 'authentication only',
  4: 'aggressive mode',
  5: 'informational',
  6: 'transaction',
  32: 'quick mode',
  33: 'new group mode',
  34: 'IKE_SA_INIT',
  35: 'IKE_AUTH',
  36: 'CREATE_CHILD_SA',
  37: 'INFORMATIONAL',
  38: 'IKE_SESSION_RESUME',
  43: 'IKE_INTERMEDIATE',
  44: 'IKE_FOLLOWUP_KE',
};
