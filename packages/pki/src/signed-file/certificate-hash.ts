import { createHash } from 'node:crypto';

/**
 * `certHash` of a phone's configuration: MD5 over the DER of the certificate (LSC, or else MIC) that files are
 * encrypted to, lower-case hex. A phone that holds another certificate enrols again. It is a name, not a proof.
 *
 * @param der the certificate
 */
export function certificateHash(der: Uint8Array): string {
  return createHash('md5').update(der).digest('hex');
}
