import type { CertificateRequestAnswer, ImportedAnswer, OperatorAnswer, replaceableRoles } from '../../api/contract.ts';
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
  { cluster, configuration }: Services,
  role: Role,
): Promise<CertificateRequestAnswer> {
  return { schema: API_SCHEMA, node: configuration.node, request: await cluster.createCertificateRequest(role) };
}

/** Puts an outside authority's certificate in place of one of ours, all or nothing. */
export async function importCertificate(
  { cluster, configuration, clock, journal, trustChanged }: Services,
  { role, chain, roots }: { readonly role: Role; readonly chain: string; readonly roots: string },
): Promise<ImportedAnswer> {
  try {
    const { subject, issuer, fingerprint } = await cluster.importCertificate(role, chain, roots, clock.now());
    trustChanged();
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

/** A certificate by which a person may use the HTTPS interface, with its key. */
export async function issueOperator(
  { cluster, configuration, clock, journal }: Services,
  name: string,
): Promise<OperatorAnswer> {
  const issued = await cluster.issueOperatorCertificate(name, clock.now());
  await journal.event('certificate-generated', { cause: `An operator's certificate was made for ${name}.` });
  return {
    schema: API_SCHEMA,
    node: configuration.node,
    certificatePem: issued.chainPem,
    privateKeyPem: issued.privateKeyPem.reveal(),
    trustBundlePem: cluster.trustBundlePem(),
  };
}
