import { Redacted } from '@trustline/base';
import { keyFingerprint } from '@trustline/pki';
import type { CapfKeyRequest, EnrolmentAction, PendingOperation } from '@trustline/provisioning';
import type { z } from 'zod';
import type {
  EnrolmentAnswer,
  EnrolmentsAnswer,
  enrolmentRequest,
  ManufacturedAnswer,
  PendingEnrolment,
} from '../../api/enrolment-contract.ts';
import { ManagerError } from '../../error.ts';
import type { EnrolmentRequest, EnrolmentService } from '../provisioning/enrolment-service.ts';
import { enrolmentServiceOf, phaseOf } from './capf.ts';
import { findDevice } from './devices.ts';
import { envelope, type Services } from './services.ts';

const minute = 60_000;

/** Lets a device enrol, once. */
export async function openEnrolment(
  services: Services,
  device: string,
  request: z.output<typeof enrolmentRequest>,
): Promise<EnrolmentAnswer> {
  const { kind } = await findDevice(services, device);
  if (kind !== 'phone') {
    throw new ManagerError('manager.request-invalid', `${device} is a ${kind}: only phones enrol by CAPF.`, {
      nextStep: `Give it a certificate with: trustline device credentials ${device} --out FOLDER`,
    });
  }
  const enrolment = enrolmentServiceOf(services);
  const { string } = await enrolment.open(device, {
    action: actionOf(request),
    authentication: authenticationOf(request),
  });
  return { ...envelope(services), enrolment: pending(enrolment, device), string: string?.reveal() ?? null };
}

/** Takes it back. */
export async function cancelEnrolment(services: Services, device: string): Promise<void> {
  const service = enrolmentServiceOf(services);
  const isImported = service.enrolments.pendingOf(device)?.outside?.certificate !== undefined;
  if (!(await service.cancel(device))) throw nothingPending(device);
  // A certificate that was to be handed out is believed no more.
  if (isImported) await services.trustChanged();
}

/** Gives a device that was locked after wrong strings its tries back. */
export function unlockEnrolment(services: Services, device: string): void {
  if (!enrolmentServiceOf(services).unlock(device)) {
    throw new ManagerError('manager.enrolment-not-locked', `The enrolment of ${device} is not locked.`, {
      nextStep: 'trustline enrolment list shows what is pending.',
    });
  }
}

export async function listEnrolments(services: Services): Promise<EnrolmentsAnswer> {
  const enrolment = enrolmentServiceOf(services);
  const devices = await services.store.devices.list();
  const waiting = devices.filter(({ name }) => enrolment.enrolments.pendingOf(name) !== undefined);
  return { ...envelope(services), enrolments: waiting.map(({ name }) => pending(enrolment, name)) };
}

/** What the factory would have put into a simulated phone. */
export async function manufacture(services: Services, device: string): Promise<ManufacturedAnswer> {
  const { cluster, clock, journal } = services;
  const made = await cluster.issueManufacturerCertificate(device, clock.now());
  await journal.event('credentials-written', {
    device,
    cause: 'The cluster’s manufacturing authority made a MIC and its key for a simulated phone.',
  });
  return { ...envelope(services), certificatePem: made.chainPem, privateKeyPem: made.privateKeyPem.reveal() };
}

function actionOf({ action, key }: z.output<typeof enrolmentRequest>): EnrolmentAction {
  return action === 'install' ? { kind: 'install', key: keyOf(key) } : { kind: action };
}

function keyOf(key: z.output<typeof enrolmentRequest>['key']): CapfKeyRequest {
  switch (key) {
    case 'RSA-1024':
    case 'RSA-2048':
    case 'RSA-3072':
    case 'RSA-4096':
      return { type: 'RSA', bits: Number(key.slice('RSA-'.length)) };
    case 'EC-P-256':
    case 'EC-P-384':
    case 'EC-P-521':
      return { type: 'EC', curve: key.slice('EC-'.length) as 'P-256' | 'P-384' | 'P-521' };
  }
}

function authenticationOf({
  by,
  string,
  minutes = 0,
}: z.output<typeof enrolmentRequest>): EnrolmentRequest['authentication'] {
  switch (by) {
    case 'string':
      return { by, string: string === undefined ? undefined : new Redacted(string) };
    case 'certificate':
      return { by, kinds: ['LSC', 'MIC'] };
    case 'mic':
      return { by: 'certificate', kinds: ['MIC'] };
    case 'nothing':
      return { by, milliseconds: minutes * minute };
  }
}

function pending({ enrolments }: EnrolmentService, device: string): PendingEnrolment {
  const operation = enrolments.pendingOf(device);
  if (operation === undefined) throw nothingPending(device);
  const { action, authentication, locked } = operation;
  return {
    device,
    action: action.kind,
    by: authentication.by,
    certificates: authentication.by === 'certificate' ? authentication.kinds : [],
    locked,
    phase: phaseOf(operation),
    keyFingerprint: operation.outside === undefined ? null : keyFingerprint(operation.outside.publicKey),
    nextStep: nextStepOf(device, operation),
  };
}

function nextStepOf(device: string, operation: PendingOperation): string | null {
  if (operation.locked) return `trustline enrolment unlock ${device}`;
  switch (phaseOf(operation)) {
    case 'open':
      return null;
    case 'waiting-for-outside-authority':
      return `trustline capf csr ${device}; have it signed; trustline capf import FILE`;
    case 'certificate-ready':
      return 'the phone asks again by itself, within minutes or when it boots';
  }
}

function nothingPending(device: string): ManagerError {
  return new ManagerError('manager.enrolment-unknown', `No enrolment of ${device} is pending.`, {
    nextStep: `Open one with: trustline enrolment open ${device} --by string`,
  });
}
