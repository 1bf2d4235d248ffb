import { profiles } from '../profiles.ts';
import { describeKey } from '../strength.ts';
import type { CertificateStatus } from './cluster.ts';
import type { ClusterState, HeldCertificate } from './held.ts';

/** Every certificate of a cluster in the order of the profile table, replaced ones after those in use. */
export function statusOf(state: ClusterState, recordSignerId: string): readonly CertificateStatus[] {
  const order = Object.keys(profiles);
  const inUse = [...state.identities.values()].sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  return [
    ...inUse.map((held) => describe(held, 'in use', state)),
    ...state.replaced.map((held) => describe(held, 'replaced', state)),
    {
      role: 'record-signer',
      title: 'signer of call records and events',
      subject: '(a key without a certificate)',
      issuer: '',
      serialNumber: '',
      fingerprint: recordSignerId,
      notBefore: undefined,
      notAfter: undefined,
      key: 'Ed25519',
      origin: 'generated',
      state: 'in use',
      lab: false,
      requestPending: false,
    },
  ];
}

function describe(
  { role, path: [certificate], stored }: HeldCertificate,
  state: CertificateStatus['state'],
  { pending, manifest }: ClusterState,
): CertificateStatus {
  const { subject, issuer, serialNumber, fingerprint, notBefore, notAfter } = certificate;
  return {
    role,
    title: profiles[role].title,
    subject,
    issuer,
    serialNumber,
    fingerprint,
    notBefore,
    notAfter,
    key: describeKey(certificate.key),
    origin: stored.origin,
    state,
    lab: stored.origin === 'generated' && manifest.kind !== 'production',
    requestPending: state === 'in use' && pending.has(role),
  };
}
