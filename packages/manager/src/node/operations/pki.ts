import { decodeCertificateRequestPem, encodeCertificatesPem } from '@trustline/pki';
import type { z } from 'zod';
import type {
  CertificateRequestAnswer,
  ImportedAnswer,
  replaceableRoles,
  TokenCertificateAnswer,
  tokenCertificateRequest,
} from '../../api/contract.ts';
import { API_SCHEMA, type PkiAnswer } from '../../api/contract.ts';
import type { Services } from './services.ts';

type Role = (typeof replaceableRoles)[number];

export function pkiStatus({ cluster, configuration }: Services): PkiAnswer {
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    trustNotice: cluster.trust.statusNotice() ?? null,
    certificates: cluster.status().map((one) => ({
      role: one.role,
      title: one.title,
      subject: one.subject,
      issuer: one.issuer,
      key: one.key,
      fingerprint: one.fingerprint,
      notAfter: one.notAfter === undefined ? null : new Date(one.notAfter).toISOString(),
      origin: one.origin,
      replaced: one.state === 'replaced',
      lab: one.lab,
      requestPending: one.requestPending,
    })),
  };
}

export async function requestCertificate(
  { cluster, configuration, journal }: Services,
  role: Role,
): Promise<CertificateRequestAnswer> {
  const request = await cluster.createCertificateRequest(role);
  await journal.event('certificate-requested', { reason: role, cause: `A certificate was asked for as ${role}.` });
  return { schema: API_SCHEMA, node: configuration.node, request };
}

/** Puts an outside authority's certificate in place of one of ours, all or nothing. */
export async function importCertificate(
  { cluster, configuration, clock, journal, trustChanged, revocationWatch }: Services,
  { role, chain, roots }: { readonly role: Role; readonly chain: string; readonly roots: string },
): Promise<ImportedAnswer> {
  try {
    const { subject, issuer, fingerprint } = await cluster.importCertificate(role, chain, roots, clock.now());
    await trustChanged();
    revocationWatch.look();
    await journal.event('certificate-imported', {
      reason: role,
      cause: `The certificate ${subject} of ${issuer} is in use as ${role}.`,
    });
    return { schema: API_SCHEMA, node: configuration.node, subject, issuer, fingerprint };
  } catch (error) {
    await journal.event('certificate-refused', { reason: role, cause: (error as Error).message });
    throw error;
  }
}

/** The certificate of a security token, for a request that its own key has signed. */
export async function issueTokenCertificate(
  { cluster, configuration, clock, journal }: Services,
  { request, serial, lab, manufacturer, model }: z.output<typeof tokenCertificateRequest>,
): Promise<TokenCertificateAnswer> {
  const kind = lab ? 'lab software token' : [manufacturer, model].filter((text) => text !== '').join(' ');
  const token = `the security token ${serial}${kind === '' ? '' : ` (${kind})`}`;
  try {
    const der = decodeCertificateRequestPem(request);
    const { certificate, issuer } = await cluster.issueTokenCertificate(der, { serial, lab }, clock.now());
    await journal.event('token-certificate-issued', {
      reason: serial,
      cause: `A certificate was made for ${token}: ${certificate.subject}, SHA-256 ${certificate.fingerprint}.`,
    });
    return {
      schema: API_SCHEMA,
      node: configuration.node,
      subject: certificate.subject,
      fingerprint: certificate.fingerprint,
      certificatePem: encodeCertificatesPem([certificate]),
      issuerPem: encodeCertificatesPem([issuer]),
    };
  } catch (error) {
    const cause = `No certificate was made for ${token}: ${(error as Error).message}`;
    await journal.event('token-certificate-refused', { reason: serial, cause });
    throw error;
  }
}
