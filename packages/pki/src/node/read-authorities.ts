import { type Certificate, readCertificate } from '../certificate.ts';
import { describeWhen } from '../describe-time.ts';
import { PkiError, type PkiErrorCode } from '../error.ts';
import { decodeCertificatesPem } from '../pem.ts';
import { weaknessOfKey } from '../strength.ts';
import type { TrustedFor, TrustSource } from '../trust-source.ts';

/** What an authority outside may be let do here. */
export type OutsidePurpose = Extract<TrustedFor, 'manufacturer' | 'outside-lsc'>;

/** What authorities vouch for, in words: none does for two of these. */
const purposes: Readonly<Partial<Record<TrustedFor, string>>> = {
  'locally-significant': 'LSCs',
  manufacturer: 'MICs',
  'outside-lsc': 'LSCs that are imported',
  operator: 'operators',
  callmanager: 'call managers',
};

const refusals: Readonly<Record<OutsidePurpose, { readonly code: PkiErrorCode; readonly nextStep: string }>> = {
  manufacturer: {
    code: 'pki.manufacturer-refused',
    nextStep: 'Give the certificates of the vendor’s manufacturing authorities, as the vendor publishes them.',
  },
  'outside-lsc': {
    code: 'pki.lsc-authority-refused',
    nextStep: 'Give the certificate of the authority that signs for phones and for nothing else here.',
  },
};

/**
 * Reads and checks the certificates of authorities outside: trust anchors for this purpose and for nothing else. Their own
 * signatures are not looked at, since whoever imports them vouches for them.
 *
 * @throws {PkiError} pki.malformed-pem, pki.malformed-certificate; one of `refusals`, naming what is wrong
 */
export function readAuthorities(
  pem: string,
  purpose: OutsidePurpose,
  trust: TrustSource,
  now: number,
): readonly Certificate[] {
  const read = decodeCertificatesPem(pem).map(readCertificate);
  const certificates = [...new Map(read.map((one) => [one.fingerprint, one])).values()];
  for (const certificate of certificates) {
    const problem = problemOf(certificate, purpose, trust, now);
    if (problem === undefined) continue;
    const { code, nextStep } = refusals[purpose];
    throw new PkiError(code, `${certificate.subject} was refused and nothing was changed: ${problem}`, { nextStep });
  }
  return certificates;
}

function problemOf(
  certificate: Certificate,
  wanted: OutsidePurpose,
  trust: TrustSource,
  now: number,
): string | undefined {
  const { authority, keyUsage, notBefore, notAfter, key, unknownCriticalExtensions } = certificate;
  if (authority === undefined || keyUsage?.includes('keyCertSign') === false) {
    return 'it is no certificate authority (basicConstraints CA:TRUE, keyUsage keyCertSign)';
  }
  if (!(now <= notAfter)) return `it expired ${describeWhen(notAfter, now)}`;
  if (!(now >= notBefore)) return `it is not valid before ${describeWhen(notBefore, now)}`;
  if (unknownCriticalExtensions.length > 0) {
    return `it has critical extensions that are not understood: ${unknownCriticalExtensions.join(', ')}`;
  }
  for (const [purpose, what] of Object.entries(purposes) as [TrustedFor, string][]) {
    if (purpose === wanted) continue;
    const isOther = trust
      .issuersFor(purpose)
      .some((one) => one.subjectHash === certificate.subjectHash || hasSameKey(one, certificate));
    if (isOther) return `it vouches for ${what} of this cluster already, and an authority has one purpose`;
  }
  return weaknessOfKey(key, false);
}

/** Not by `KeyObject.equals`: with keys of two kinds it leaves an OpenSSL error behind, at which the next call fails. */
function hasSameKey(one: Certificate, other: Certificate): boolean {
  const [ours, theirs] = [one, other].map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }));
  return ours !== undefined && theirs !== undefined && ours.equals(theirs);
}
