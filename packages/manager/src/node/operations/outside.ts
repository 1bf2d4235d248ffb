import { decodeCertificatesPem, type RevocationList, readCertificate } from '@trustline/pki';
import type { z } from 'zod';
import { API_SCHEMA } from '../../api/answer.ts';
import {
  type PublishingRole,
  publishingRoles,
  type RevocationListAnswer,
  type RevokedAnswer,
  type revokeRequest,
} from '../../api/outside-contract.ts';
import { ManagerError } from '../../error.ts';
import type { Services } from './services.ts';

/** @throws {ManagerError} manager.request-invalid */
export async function publishedRevocationList(services: Services, name: string): Promise<RevocationListAnswer> {
  const role = publishingRoles.find((one): one is PublishingRole => one === name);
  if (role === undefined) {
    throw new ManagerError('manager.request-invalid', `${name} is no authority that publishes what it revokes.`, {
      nextStep: `They are ${publishingRoles.join(', ')}.`,
    });
  }
  return describe(services, await services.cluster.certificateRevocationList(role, services.clock.now()));
}

/** Goes by an outside authority's list from now on: connections of what it revokes are closed. */
export async function importRevocationList(
  services: Services,
  { list: base64 }: { readonly list: string },
): Promise<RevocationListAnswer> {
  const { cluster, clock, journal } = services;
  try {
    const list = await cluster.importRevocationList(new Uint8Array(Buffer.from(base64, 'base64')), clock.now());
    await services.trustChanged();
    services.revocationWatch.look();
    const made = new Date(list.thisUpdate).toISOString();
    await journal.event('revocation-list-imported', {
      reason: list.fingerprint,
      cause: `The list of ${list.issuer} of ${made} revokes ${list.entries.size} certificates.`,
    });
    return describe(services, list);
  } catch (error) {
    await journal.event('revocation-list-refused', { cause: (error as Error).message });
    throw error;
  }
}

/** Stops believing one certificate, whoever issued it, and closes the connections that it proved. */
export async function revokeCertificate(
  services: Services,
  { certificate: pem, code }: z.output<typeof revokeRequest>,
): Promise<RevokedAnswer> {
  const { cluster, clock, journal, configuration } = services;
  const [der = new Uint8Array()] = decodeCertificatesPem(pem);
  const certificate = readCertificate(der);
  const { subject, issuer, fingerprint } = certificate;
  if (certificate.authority !== undefined) {
    throw new ManagerError('manager.request-invalid', `${subject} is an authority: all that it issued would end.`, {
      nextStep: 'Revoke what it issued, or remove it: trustline pki manufacturer remove; trustline pki import.',
    });
  }
  await cluster.revoke(certificate, `by an operator (${code})`, clock.now(), code);
  await services.trustChanged();
  await journal.event('certificate-revoked-here', {
    reason: code,
    cause: `The certificate ${subject} of ${issuer} is no longer believed (${code}); SHA-256 ${fingerprint}.`,
  });
  return { schema: API_SCHEMA, node: configuration.node, subject, issuer, fingerprint };
}

function describe({ configuration }: Services, list: RevocationList): RevocationListAnswer {
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    issuer: list.issuer,
    number: list.number?.toString() ?? null,
    thisUpdate: new Date(list.thisUpdate).toISOString(),
    nextUpdate: list.nextUpdate === undefined ? null : new Date(list.nextUpdate).toISOString(),
    revoked: list.entries.size,
    list: Buffer.from(list.der).toString('base64'),
  };
}
