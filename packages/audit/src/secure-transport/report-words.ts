import type { ReportSecureConnection } from '../model/report.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { HandshakeFacts } from './tls/facts.ts';
import type { Weakness } from './tls/weaknesses.ts';

/** Certificates of one connection in the report. */
const MOST_CERTIFICATES = 10;

/** Those of the server, then those of the client. */
export function certificatesOf({
  serverCertificates,
  clientCertificates,
}: HandshakeFacts): ReportSecureConnection['certificates'] {
  return [...serverCertificates, ...clientCertificates].slice(0, MOST_CERTIFICATES).map(({ certificate }) => ({
    subject: boundedText(certificate?.subject) ?? '',
    issuer: boundedText(certificate?.issuer) ?? '',
    notBefore: dateOf(certificate?.notBefore),
    notAfter: dateOf(certificate?.notAfter),
    key:
      certificate === undefined
        ? 'not readable'
        : certificate.key.kind === 'RSA'
          ? `RSA ${certificate.key.bits}`
          : certificate.key.kind === 'EC'
            ? `EC ${certificate.key.curve}`
            : 'another',
  }));
}

/** Its stable code, and what was seen. */
export function weaknessText({ code, detail }: Weakness): string {
  return `${code}: ${boundedText(detail) ?? ''}`;
}

function dateOf(milliseconds: number | undefined): string {
  if (milliseconds === undefined || !(Math.abs(milliseconds) <= 8.64e15)) return '';
  return new Date(milliseconds).toISOString();
}
