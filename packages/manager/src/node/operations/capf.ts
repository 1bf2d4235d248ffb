import { type Certificate, encodePem, keyFingerprint } from '@trustline/pki';
import { describeKeyRequest, type PendingOperation } from '@trustline/provisioning';
import type {
  EnrolmentPhase,
  LscAuthoritiesAnswer,
  LscImportedAnswer,
  WaitingRequest,
  WaitingRequestsAnswer,
} from '../../api/capf-contract.ts';
import { ManagerError } from '../../error.ts';
import type { EnrolmentService } from '../provisioning/enrolment-service.ts';
import { envelope, type Services } from './services.ts';

/** What phones ask of the outside authority. */
export function waitingRequests(services: Services): WaitingRequestsAnswer {
  const { enrolments } = enrolmentServiceOf(services);
  const requests = enrolments.boundKeys().flatMap(({ device, outside }): WaitingRequest[] => {
    const pending = enrolments.pendingOf(device);
    if (pending?.action.kind !== 'install') return [];
    return [
      {
        device,
        phase: phaseOf(pending),
        key: describeKeyRequest(pending.action.key),
        keyFingerprint: keyFingerprint(outside.publicKey),
        request: outside.request === undefined ? null : encodePem('CERTIFICATE REQUEST', outside.request),
        publicKey: encodePem('PUBLIC KEY', outside.publicKey),
        organization: services.cluster.names.cluster,
      },
    ];
  });
  return { ...envelope(services), requests };
}

/** Takes what the outside authority has issued for one phone. */
export async function importIssued(
  services: Services,
  { file }: { readonly file: string },
): Promise<LscImportedAnswer> {
  const { journal } = services;
  const { outside } = enrolmentServiceOf(services);
  try {
    const { device, certificate } = await outside.import(new Uint8Array(Buffer.from(file, 'base64')));
    const { subject, issuer, fingerprint, notAfter } = certificate;
    await services.trustChanged();
    services.revocationWatch.look();
    await journal.event('certificate-imported', {
      device,
      reason: fingerprint,
      cause: `The certificate ${subject} of ${issuer} is its LSC; the phone gets it when it asks again.`,
    });
    return { ...envelope(services), device, subject, issuer, fingerprint, notAfter: new Date(notAfter).toISOString() };
  } catch (error) {
    await journal.event('certificate-refused', { cause: (error as Error).message });
    throw error;
  }
}

export function listLscAuthorities(services: Services): LscAuthoritiesAnswer {
  const { cluster } = services;
  const lscs = cluster.importedLscs();
  const authorities = cluster.lscAuthorities().map((authority) => {
    const { subject, fingerprint, notAfter } = authority;
    const devices = new Set(lscs.filter(({ issuers }) => hasIssued(authority, issuers)).map(({ device }) => device));
    return { subject, fingerprint, notAfter: new Date(notAfter).toISOString(), devices: devices.size };
  });
  return { ...envelope(services), authorities, changed: [] };
}

/** Lets authorities outside issue LSCs; what they issue is believed once it was imported for its device. */
export async function importLscAuthorities(
  services: Services,
  { certificates }: { readonly certificates: string },
): Promise<LscAuthoritiesAnswer> {
  const { cluster, clock, journal } = services;
  const added = await cluster.importLscAuthorities(certificates, clock.now());
  await services.trustChanged();
  for (const { subject, fingerprint } of added) {
    await journal.event('lsc-authority-imported', {
      reason: fingerprint,
      cause: `${subject} may issue LSCs that are imported; SHA-256 ${fingerprint}.`,
    });
  }
  return { ...listLscAuthorities(services), changed: added.map(({ subject }) => subject) };
}

export async function removeLscAuthority(services: Services, fingerprint: string): Promise<LscAuthoritiesAnswer> {
  const { subject, fingerprint: removed } = await services.cluster.removeLscAuthority(fingerprint);
  await services.trustChanged();
  await services.journal.event('lsc-authority-removed', {
    reason: removed,
    cause: `No LSC of ${subject} is believed from now on; SHA-256 ${removed}.`,
  });
  return { ...listLscAuthorities(services), changed: [subject] };
}

/** How far an enrolment is. */
export function phaseOf({ outside }: Pick<PendingOperation, 'outside'>): EnrolmentPhase {
  if (outside === undefined) return 'open';
  return outside.certificate === undefined ? 'waiting-for-outside-authority' : 'certificate-ready';
}

/** @throws {ManagerError} manager.no-listener */
export function enrolmentServiceOf({ provisioning }: Services): EnrolmentService {
  if (provisioning !== undefined) return provisioning.enrolment;
  throw new ManagerError('manager.no-listener', 'Phones are not provisioned by this manager.', {
    nextStep: 'Set provisioning.enabled to true in trustline.yaml and start it again.',
  });
}

function hasIssued({ fingerprint }: Certificate, issuers: readonly Certificate[]): boolean {
  return issuers.at(-1)?.fingerprint === fingerprint;
}
