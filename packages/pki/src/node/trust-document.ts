import type { Certificate } from '../certificate.ts';
import type { LabTrustDocument } from '../lab-trust-source.ts';
import type { AuthorityRole, ClusterRole } from '../profiles.ts';
import type { ClusterState } from './held.ts';
import { outsideStateOf } from './outside-authorities.ts';

const callManagerRoles = ['callmanager-rsa', 'callmanager-ecdsa'] as const;

/** What a lab cluster believes follows from what it holds: its own authorities, each for its own purpose only. */
export function trustDocumentOf(state: ClusterState): LabTrustDocument {
  const { manifest, identities, replaced, manufacturers, lscAuthorities, pinned } = state;

  function authorities(role: AuthorityRole): readonly Certificate[] {
    const held = [identities.get(role), ...replaced.filter((one) => one.role === role).reverse()];
    return held.flatMap((one) => (one === undefined ? [] : [one.path[0]]));
  }
  const callManager = authorities('callmanager-ca');
  return {
    securityMode: manifest.securityMode,
    // A production cluster too, once a token for labs stands in its list.
    notice: (manifest.tokenTrust ?? manifest.kind === 'production') ? undefined : 'lab trust',
    issuers: {
      'locally-significant': authorities('capf-ca'),
      // The cluster's own after those of vendors.
      manufacturer: distinct([...manufacturers, ...authorities('manufacturing-ca')]),
      operator: authorities('operator-ca'),
      // Other nodes of this cluster; a stranger's trunk is pinned.
      trunk: callManager,
      callmanager: distinct([
        ...callManager,
        ...callManagerRoles.flatMap((role) => identities.get(role)?.path[1] ?? []),
      ]),
      'outside-lsc': lscAuthorities,
    },
    registrationProofs: manifest.registrationProofs,
    pins: manifest.pins.map(({ device, fingerprint, means }) =>
      means === 'LSC'
        ? { device, fingerprint, issuedUnder: (pinned.get(fingerprint) ?? []).slice(1) }
        : { device, fingerprint },
    ),
    revocations: manifest.revocations,
    phoneTrustBundle: distinct(bundleRoles.flatMap((role) => identities.get(role)?.path.at(-1) ?? [])),
    outside: outsideStateOf(state),
  };
}

/** The roots above whatever the call manager serves now, and above what its authority will issue next. */
const bundleRoles: readonly ClusterRole[] = ['callmanager-ca', ...callManagerRoles];

function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map((one) => [one.fingerprint, one])).values()];
}
