import { type Certificate, rolesForService, trustRoles } from '@trustline/pki';
import type { z } from 'zod';
import { API_SCHEMA } from '../../api/answer.ts';
import type { RenewalAnswer, renewalRequest } from '../../api/renewal-contract.ts';
import { ManagerError } from '../../error.ts';
import { certificatesOf } from '../../trust/publication.ts';
import { foreseeRenewal, type RenewableRole, type RenewalSimulation } from '../../trust/renewal.ts';
import { servedCertificate, type TlsPlace } from '../trust/served-certificate.ts';
import type { Services } from './services.ts';

/**
 * Gives a server another key and certificate, in two steps: it is staged first, so that it stands in the lists that the
 * manager signs, and shown once no known phone would be lost by it. It is served without a restart, which is proved by
 * connecting to every listener that shows it; connections and calls go on.
 */
export async function renewCertificate(
  services: Services,
  { role, dryRun }: z.output<typeof renewalRequest>,
): Promise<RenewalAnswer> {
  const { cluster, trust, journal, configuration } = services;
  assertOurs(services, role);
  await assertListed(services, role);
  const answer = { schema: API_SCHEMA, node: configuration.node, role, served: [] } as const;
  const staged = cluster.stagedCertificate(role);
  if (dryRun) {
    const phones =
      staged === undefined
        ? foreseeRenewal(await trust.held.phones(), role, await trust.vouching.verification())
        : await judged(services, role);
    return { ...answer, state: 'dry-run', phones, certificate: staged ? describe(staged) : null, nextStep: null };
  }
  const next = staged ?? (await stage(services, role));
  const phones = await judged(services, role);
  if (phones.lost.length > 0) {
    return { ...answer, state: 'staged', phones, certificate: describe(next), nextStep: wayForward(role) };
  }
  const certificate = await cluster.activateRenewal(role);
  await services.trustChanged();
  const served = await proveServed(services, role, certificate);
  const places = served.map(({ service, port }) => `${service} ${port}`).join(', ');
  await journal.event('certificate-generated', {
    reason: role,
    cause: `The certificate of ${role} was renewed: ${certificate.subject}, serial ${certificate.serialNumber}; shown on ${places || 'no listener'}.`,
  });
  const nextStep = await afterwards(services, certificate);
  return { ...answer, state: 'renewed', phones, certificate: describe(certificate), served, nextStep };
}

async function stage(services: Services, role: RenewableRole): Promise<Certificate> {
  const { cluster, clock, journal } = services;
  const certificate = await cluster.stageRenewal(role, clock.now());
  await services.trustChanged();
  await journal.event('certificate-generated', {
    reason: role,
    cause: `The next certificate of ${role} was made and is listed before it is shown: ${certificate.subject}, serial ${certificate.serialNumber}.`,
  });
  return certificate;
}

/** Every renewable role stands for a service that phones meet. */
async function judged({ trust }: Services, role: RenewableRole): Promise<RenewalSimulation> {
  return (await trust.judgeRenewal(role)) ?? { knowing: [], healing: [], lost: [] };
}

function wayForward(role: RenewableRole): string {
  return `The ITL holds both certificates now, and so does the CTL after trustline ctl update. Let these phones fetch their lists, as they do when they start (trustline device reset --behind); then again: trustline pki renew ${role}`;
}

function describe({ subject, serialNumber, fingerprint, notAfter }: Certificate): RenewalAnswer['certificate'] {
  return { subject, serialNumber, fingerprint, notAfter: new Date(notAfter).toISOString() };
}

/** What an outside authority certified is renewed there. */
function assertOurs({ cluster }: Services, role: RenewableRole): void {
  const held = cluster.status().find((one) => one.role === role && one.state === 'in use');
  if (held === undefined || held.origin === 'generated') return;
  throw new ManagerError('manager.renewal-refused', `${role} has a certificate of an outside authority.`, {
    nextStep: `Have it renewed there: trustline pki csr ${role}, then trustline pki import ${role}`,
  });
}

/** Whoever renews again before the CTL follows has phones that ask TVS for one certificate after the other. */
async function assertListed({ cluster, trust }: Services, role: RenewableRole): Promise<void> {
  const shown = cluster.status().find((one) => one.role === role && one.state === 'in use');
  const unlisted = await trust.outdated.unlisted();
  if (!unlisted.some(({ certificate }) => certificate.fingerprint === shown?.fingerprint)) return;
  throw new ManagerError(
    'manager.renewal-refused',
    `The certificate that ${role} shows (serial ${shown?.serialNumber}) is not in the published CTL yet.`,
    { nextStep: 'Put it there first, where the tokens are: trustline ctl update' },
  );
}

/** Connects to every listener that shows this certificate, as a stranger would. */
async function proveServed(
  services: Services,
  role: RenewableRole,
  certificate: Certificate,
): Promise<readonly { readonly service: string; readonly host: string; readonly port: number }[]> {
  const kind = certificate.key.kind === 'EC' ? 'EC' : 'RSA';
  const places = placesOf(services, role);
  for (const place of places) {
    const found = await servedCertificate(place, kind).catch((cause: Error) => cause);
    if (!(found instanceof Error) && found.fingerprint === certificate.fingerprint) continue;
    const shows = found instanceof Error ? found.message : `it shows serial ${found.serialNumber}`;
    throw new ManagerError(
      'manager.renewal-not-served',
      `The new certificate (serial ${certificate.serialNumber}) is in force, but ${place.service} on port ${place.port} does not show it: ${shows}.`,
      { nextStep: 'Start the manager again: it serves what is in force from its start.' },
    );
  }
  return places.map(({ service, host, port }) => ({ service, host, port }));
}

function placesOf({ signalling, provisioning }: Services, role: RenewableRole): readonly TlsPlace[] {
  if (role === 'callmanager-rsa' || role === 'callmanager-ecdsa') {
    const listeners = (signalling?.listeners() ?? []).filter(
      ({ transport }) => transport === 'tls' || transport === 'wss',
    );
    return listeners.map(({ host, port, legacy }) => ({ service: 'SIP', host, port, legacy }));
  }
  const service = { capf: 'CAPF', tvs: 'TVS', tftp: 'HTTPS' }[role];
  const listeners = (provisioning?.listeners() ?? []).filter((one) => one.service === service);
  return listeners.map(({ host, port }) => ({ service, host, port, legacy: false }));
}

/** A lab has signed its list anew by now; one of security tokens waits for them. */
async function afterwards({ trust }: Services, { fingerprint }: Certificate): Promise<string | null> {
  const ctl = await trust.lists.current('CTL');
  if (ctl === undefined) return null;
  const roles = [trustRoles.CAPF, trustRoles.TVS, ...rolesForService('CCM'), ...rolesForService('TFTP')];
  const isListed = certificatesOf(ctl.list, ...roles).some((one) => one.fingerprint === fingerprint);
  return isListed ? null : 'Put it into the CTL, where the tokens are: trustline ctl update';
}
