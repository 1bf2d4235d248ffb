import { encodeCertificatesPem } from '@trustline/pki';
import type { z } from 'zod';
import { API_SCHEMA } from '../../api/answer.ts';
import type {
  ManufacturerRemovalAnswer,
  ManufacturersAnswer,
  manufacturerRemovalRequest,
  manufacturerRenewalRequest,
} from '../../api/outside-contract.ts';
import { ManagerError } from '../../error.ts';
import { type ManufacturerDependents, manufacturerDependents } from '../trust/manufacturer-dependents.ts';
import type { Services } from './services.ts';

export function listManufacturers({ cluster, configuration }: Services): ManufacturersAnswer {
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    manufacturers: cluster.manufacturers().map(({ certificate, origin }) => ({
      subject: certificate.subject,
      fingerprint: certificate.fingerprint,
      notAfter: new Date(certificate.notAfter).toISOString(),
      origin,
      certificatePem: encodeCertificatesPem([certificate]),
    })),
    changed: [],
  };
}

export async function importManufacturers(
  services: Services,
  { certificates }: { readonly certificates: string },
): Promise<ManufacturersAnswer> {
  const { cluster, clock, journal } = services;
  const added = await cluster.importManufacturers(certificates, clock.now());
  await services.trustChanged();
  for (const { subject, fingerprint } of added) {
    await journal.event('manufacturer-imported', {
      reason: fingerprint,
      cause: `MICs of ${subject} authenticate enrolments from now on; SHA-256 ${fingerprint}.`,
    });
  }
  return { ...listManufacturers(services), changed: added.map(({ subject }) => subject) };
}

/** Makes another authority of the cluster's own beside those that are believed: nobody is lost by it. */
export async function renewManufacturer(
  services: Services,
  { dryRun }: z.output<typeof manufacturerRenewalRequest>,
): Promise<ManufacturersAnswer> {
  if (dryRun) return listManufacturers(services);
  const { subject, fingerprint } = await services.cluster.renewManufacturer(services.clock.now());
  await services.trustChanged();
  await services.journal.event('manufacturer-renewed', {
    reason: fingerprint,
    cause: `${subject} issues MICs of simulated phones and certificates of tokens from now on; SHA-256 ${fingerprint}.`,
  });
  return { ...listManufacturers(services), changed: [subject] };
}

/**
 * Stops believing a manufacturing authority, once nobody depends on it.
 *
 * @throws {ManagerError} manager.manufacturer-needed, naming who would be lost; nothing has changed then
 */
export async function removeManufacturer(
  services: Services,
  { fingerprint: wanted, dryRun, force }: z.output<typeof manufacturerRemovalRequest>,
): Promise<ManufacturerRemovalAnswer> {
  const { cluster, journal, configuration } = services;
  const { certificate, origin } = cluster.manufacturer(wanted);
  const { subject, fingerprint } = certificate;
  const dependents = await manufacturerDependents(services, services.trust.lists, { certificate, origin });
  const answer = {
    schema: API_SCHEMA,
    node: configuration.node,
    subject,
    fingerprint,
    certificatePem: encodeCertificatesPem([certificate]),
    tokens: dependents.tokens.map((token) => token.subject),
    phones: dependents.phones,
  } as const;
  if (dryRun) return { ...answer, state: 'dry-run' };
  if (!force) assertNobodyDepends(subject, dependents);
  await cluster.removeManufacturer(fingerprint);
  await services.trustChanged();
  await journal.event('manufacturer-removed', { reason: fingerprint, cause: removalInWords(subject, dependents) });
  return { ...answer, state: 'removed' };
}

function assertNobodyDepends(subject: string, { tokens, phones }: ManufacturerDependents): void {
  if (tokens.length === 0 && phones.length === 0) return;
  const lost = [
    ...tokens.map((token) => `${token.subject} could sign no list any more`),
    ...(phones.length > 0 ? [`${phones.length} phones could not enrol any more (${firstOf(phones)})`] : []),
  ];
  const steps = [
    ...(tokens.length > 0
      ? ['Put tokens of another authority in their place: trustline token init, ctl add-token, ctl remove-token.']
      : []),
    ...(phones.length > 0
      ? ['Let the phones enrol first, or open their enrolments by string: trustline enrolment open NAME --by string.']
      : []),
    'When the authority itself can be trusted no more: --force.',
  ];
  throw new ManagerError('manager.manufacturer-needed', `${subject} is needed: ${lost.join('; ')}.`, {
    nextStep: steps.join(' '),
  });
}

function removalInWords(subject: string, { tokens, phones }: ManufacturerDependents): string {
  const lost = [...tokens.map((token) => token.subject), ...phones];
  const although = lost.length === 0 ? '' : ` although ${firstOf(lost)} depended on it`;
  return `MICs of ${subject} prove nothing from now on${although}.`;
}

function firstOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
