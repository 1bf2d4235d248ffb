import { type Certificate, readCertificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import type { HeldTrust } from './acceptance-types.ts';
import { rolesForService, type TrustService, trustRoles } from './roles.ts';
import type { TrustList } from './types.ts';

/** A phone that has never taken a list. */
export const nothingHeld: HeldTrust = { ctl: undefined, itl: undefined };

/** A certificate of a list, with the role that its record gives it. */
export interface ListedCertificate {
  readonly certificate: Certificate;
  readonly role: number;
  readonly list: 'CTL' | 'ITL';
}

/** Every certificate that a phone holds, by record, those of the CTL first. */
export function heldCertificates({ ctl, itl }: HeldTrust): readonly ListedCertificate[] {
  return [...certificatesIn(ctl, 'CTL'), ...certificatesIn(itl, 'ITL')];
}

function certificatesIn(list: TrustList | undefined, name: 'CTL' | 'ITL'): readonly ListedCertificate[] {
  return (list?.records ?? []).flatMap(({ certificate: der, role }) => {
    const certificate = der === undefined ? undefined : readOrNothing(der);
    return certificate === undefined ? [] : [{ certificate, role, list: name }];
  });
}

/** A list that was verified has readable certificates only; one that was not has nobody to offer. */
function readOrNothing(der: Uint8Array): Certificate | undefined {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}

/** The certificates by which a phone believes the servers of a service, each once, those of the CTL first. */
export function certificatesFor(held: HeldTrust, service: TrustService): readonly Certificate[] {
  const roles = rolesForService(service);
  const found = heldCertificates(held).filter(({ role }) => roles.includes(role));
  return [...new Map(found.map(({ certificate }) => [certificate.fingerprint, certificate])).values()];
}

/** True when a phone asks for signed configuration files (`.sgn`) and takes no other: it knows who signs them. */
export function expectsSignedFiles(held: HeldTrust): boolean {
  return certificatesFor(held, 'TFTP').length > 0;
}

/**
 * True when the CTL names call managers with certificates: mixed mode, as it is seen on the wire. A phone whose
 * security mode asks for TLS reaches call managers in the clear otherwise.
 */
export function expectsSecureSignalling({ ctl }: HeldTrust): boolean {
  return certificatesFor({ ctl, itl: undefined }, 'CCM').length > 0;
}

/** The list of a cluster that makes its phones ready to leave: without TVS and TFTP, so that the next is taken blindly. */
export function isReleasingList({ records }: TrustList): boolean {
  const binding: readonly number[] = [trustRoles.TVS, ...rolesForService('TFTP')];
  return !records.some(({ role }) => binding.includes(role));
}
