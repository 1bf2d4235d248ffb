import type { Certificate } from '../certificate.ts';
import { isAuthorityRole } from '../profiles.ts';
import { ocspRespondersOf } from '../revocation/ocsp-request.ts';
import type { OutsideRevocationState } from '../revocation/outside-revocation.ts';
import type { ClusterState } from './held.ts';

/** A certificate of an outside authority that is believed here, with the authority to ask about it. */
export interface OcspSubject {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  /** HTTP addresses, as the certificate names them. */
  readonly responders: readonly string[];
}

/**
 * Authorities outside whose lists are taken: those above pinned and imported certificates, the manufacturers, and those
 * that may issue LSCs.
 */
export function outsideAuthorities({
  pinned,
  identities,
  replaced,
  manufacturers,
  lscAuthorities,
}: ClusterState): readonly Certificate[] {
  const imported = [...identities.values(), ...replaced].filter(({ stored }) => stored.origin === 'imported');
  return distinct([
    ...[...pinned.values()].flatMap((path) => path.slice(1)),
    ...imported.flatMap(({ path }) => path.slice(1)),
    ...manufacturers,
    ...lscAuthorities,
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

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map((one) => [one.fingerprint, one])).values()];
}
