import { type Certificate, readCertificate, type TrustList } from '@trustline/pki';

/** A certificate with the roles under which it is believed. */
export interface ListedCertificate {
  readonly certificate: Certificate;
  readonly roles: readonly number[];
}

/**
 * What the Trust Verification Service answers from: the certificates of the published lists, and what the servers of
 * the cluster show now. It says no more than these do.
 */
export function listedCertificates(
  lists: readonly TrustList[],
  shown: readonly ListedCertificate[],
): readonly ListedCertificate[] {
  const found = new Map<string, { readonly certificate: Certificate; readonly roles: Set<number> }>();
  const add = (certificate: Certificate, role: number) => {
    const known = found.get(certificate.fingerprint);
    if (known === undefined) found.set(certificate.fingerprint, { certificate, roles: new Set([role]) });
    else known.roles.add(role);
  };
  for (const { records } of lists) {
    for (const { role, certificate } of records) {
      if (certificate !== undefined) add(readCertificate(certificate), role);
    }
  }
  for (const { certificate, roles } of shown) for (const role of roles) add(certificate, role);
  return [...found.values()].map(({ certificate, roles }) => ({ certificate, roles: [...roles] }));
}
