import type { Certificate } from '../certificate.ts';
import { phoneNameOf } from '../device-name.ts';
import { LAB_TOKEN_UNIT } from '../profiles.ts';

/** As long as the serialNumber field of PKCS#11 (v2.40 §3.2, CK_TOKEN_INFO), and some room for what is not PKCS#11. */
const tokenName = /^SAST-[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/**
 * The common name of a token's certificate: `SAST-` and its serial number, with every character that is no letter,
 * digit, dot, underscore or hyphen left out.
 */
export function tokenNameOf(serial: string): string {
  return `SAST-${serial.replace(/[^A-Za-z0-9._-]/g, '')}`;
}

/** Never a name that could be read as that of a phone: the same authority issues MICs. */
export function isTokenName(commonName: string): boolean {
  return tokenName.test(commonName) && phoneNameOf(commonName) === undefined;
}

/** True for the certificate of a security token, of whichever cluster. It proves nothing: names can be chosen. */
export function isTokenCertificate(certificate: Certificate): boolean {
  const [commonName, ...others] = certificate.commonNames;
  return commonName !== undefined && others.length === 0 && isTokenName(commonName);
}

/** True for the certificate of a software token for labs: what it signs is to be marked as such. */
export function isLabTokenCertificate(certificate: Certificate): boolean {
  return isTokenCertificate(certificate) && certificate.organizationalUnits.includes(LAB_TOKEN_UNIT);
}
