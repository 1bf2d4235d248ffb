import { type Certificate, readCertificate } from '../certificate.ts';
import { describeWhen } from '../describe-time.ts';
import { PkiError } from '../error.ts';
import { decodeCertificatesPem } from '../pem.ts';
import { isAuthorityRole } from '../profiles.ts';
import { ocspRespondersOf } from '../revocation/ocsp-request.ts';
import type { OutsideRevocationState } from '../revocation/outside-revocation.ts';
import { weaknessOfKey } from '../strength.ts';
import type { TrustedFor, TrustSource } from '../trust-source.ts';
import type { ClusterState } from './held.ts';

/** A certificate of an outside authority that is believed here, with the authority to ask about it. */
export interface OcspSubject {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** HTTP addresses, as the certificate names them. */
  readonly responders: readonly string[];
}

/** Authorities outside whose lists are taken: those above pinned and imported certificates, and the manufacturers. */
export function outsideAuthorities({
  pinned,
  identities,
  replaced,
  manufacturers,
}: ClusterState): readonly Certificate[] {
  const imported = [...identities.values(), ...replaced].filter(({ stored }) => stored.origin === 'imported');
  return distinct([
    ...[...pinned.values()].flatMap((path) => path.slice(1)),
    ...imported.flatMap(({ path }) => path.slice(1)),
    ...manufacturers,
  ]);
}

/**
 * Every certificate believed here that names a responder. What strangers present is never asked about: a responder's
 * address is taken from certificates that an operator has let in.
 */
export function ocspSubjects({ pinned, identities }: ClusterState): readonly OcspSubject[] {
  const imported = [...identities.values()].filter(
    ({ role, stored }) => stored.origin === 'imported' && isAuthorityRole(role),
  );
  const paths = [...pinned.values(), ...imported.map(({ path }) => path)];
  const subjects = paths.flatMap((path) =>
    path.flatMap((certificate, index): OcspSubject[] => {
      const issuer = path[index + 1];
      const responders = ocspRespondersOf(certificate);
      return issuer === undefined || responders.length === 0 ? [] : [{ certificate, issuer, responders }];
    }),
  );
  return [...new Map(subjects.map((one) => [one.certificate.fingerprint, one])).values()];
}

/** Every certificate believed here that an outside authority has issued and may revoke; roots are nobody's to revoke. */
export function outsideCertificates({ pinned, identities, manufacturers }: ClusterState): readonly Certificate[] {
  const imported = [...identities.values()].filter(
    ({ role, stored }) => stored.origin === 'imported' && isAuthorityRole(role),
  );
  const paths = [...pinned.values(), ...imported.map(({ path }) => path)];
  return distinct([...paths.flatMap((path) => path.slice(0, -1)), ...manufacturers]);
}

/** What outside authorities have published, as the judge is given it. */
export function outsideStateOf(state: ClusterState): OutsideRevocationState {
  const { stale, ocsp } = state.outsidePolicy;
  const asked = ocsp ? ocspSubjects(state).map(({ certificate }) => certificate.fingerprint) : [];
  return { lists: state.lists, answers: state.answers, asked, stale };
}

/** What an authority of ours vouches for, in words. */
const otherPurposes: Readonly<Partial<Record<TrustedFor, string>>> = {
  'locally-significant': 'LSCs',
  operator: 'operators',
  callmanager: 'call managers',
};

/**
 * Reads and checks the certificates of manufacturing authorities: trust anchors for MICs and for nothing else. Their own
 * signatures are not looked at, since whoever imports them vouches for them.
 *
 * @throws {PkiError} pki.malformed-pem, pki.malformed-certificate; pki.manufacturer-refused, naming what is wrong
 */
export function readManufacturers(pem: string, trust: TrustSource, now: number): readonly Certificate[] {
  const certificates = distinct(decodeCertificatesPem(pem).map(readCertificate));
  for (const certificate of certificates) {
    const problem = problemOf(certificate, trust, now);
    if (problem === undefined) continue;
    throw new PkiError(
      'pki.manufacturer-refused',
      `${certificate.subject} was refused and nothing was changed: ${problem}`,
      { nextStep: 'Give the certificates of the vendor’s manufacturing authorities, as the vendor publishes them.' },
    );
  }
  return certificates;
}

function problemOf(certificate: Certificate, trust: TrustSource, now: number): string | undefined {
  const { authority, keyUsage, notBefore, notAfter, key, unknownCriticalExtensions } = certificate;
  if (authority === undefined || keyUsage?.includes('keyCertSign') === false) {
    return 'it is no certificate authority (basicConstraints CA:TRUE, keyUsage keyCertSign)';
  }
  if (!(now <= notAfter)) return `it expired ${describeWhen(notAfter, now)}`;
  if (!(now >= notBefore)) return `it is not valid before ${describeWhen(notBefore, now)}`;
  if (unknownCriticalExtensions.length > 0) {
    return `it has critical extensions that are not understood: ${unknownCriticalExtensions.join(', ')}`;
  }
  for (const [purpose, what] of Object.entries(otherPurposes) as [TrustedFor, string][]) {
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

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map((one) => [one.fingerprint, one])).values()];
}
