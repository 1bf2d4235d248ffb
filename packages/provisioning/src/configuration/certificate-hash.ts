import { createHash } from 'node:crypto';

/**
 * `certHash` of a certificate (DER): its MD5 in lower-case hex. By it a phone sees whether the encrypted file is
 * encrypted to the key it has; nothing is proved by it, so the age of MD5 does no harm.
 */
export function certificateHash(certificate: Uint8Array): string {
  return createHash('md5').update(certificate).digest('hex');
}
