import { type Certificate, readCertificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { canAskTvs, outsideValidity, refusal } from './acceptance.ts';
import type { AcceptanceOptions, AcceptanceRefusal, HeldTrust, ServerByListsJudgment } from './acceptance-types.ts';
import { signerIdentityOf } from './certificate-fields.ts';
import { heldCertificates } from './held.ts';
import { describeRole, rolesForService, type TrustService } from './roles.ts';
import { sameOctets } from './verify.ts';

/** What a phone says when it will not talk to a server; it shows no more than that the service failed. */
const serviceWords: Readonly<Record<TrustService, string>> = {
  SAST: 'Trust List update failed',
  CCM: 'Registration rejected: TLS error',
  TFTP: 'TFTP error',
  CAPF: 'CAPF: authentication failed',
  SRST: 'SRST: TLS error',
  'APP-SERVER': 'Host not found',
  TVS: 'TVS: TLS error',
};

/**
 * Decides as a phone does whether a server is the one that its lists name for a service: the very certificate of the
 * TLS handshake stands in the CTL or ITL with the role, or TVS vouches for it. Names and issuers count for nothing.
 * TVS itself cannot be vouched for: its certificate must be listed.
 *
 * @param der the server's own certificate, from the TLS handshake
 */
export function judgeServerByLists(
  held: HeldTrust,
  service: TrustService,
  der: Uint8Array,
  { now, tvs }: AcceptanceOptions,
): ServerByListsJudgment {
  const phoneWords = serviceWords[service];
  let certificate: Certificate;
  try {
    certificate = readCertificate(der);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return refusal('server-unreadable', error.offset ?? 0, phoneWords, error.message);
  }
  const { subject } = certificate;
  const outside = outsideValidity(certificate, now);
  if (outside !== undefined) return refusal(`server-${outside.rule}`, 0, phoneWords, `${subject} ${outside.words}`);
  const roles = rolesForService(service);
  const listed = heldCertificates(held).filter((one) => one.certificate.fingerprint === certificate.fingerprint);
  const right = listed.find(({ role }) => roles.includes(role));
  if (right !== undefined) {
    const ourWords = `${subject} is in the ${right.list} as ${describeRole(right.role)}.`;
    return { accepted: true, certificate, by: right.list, ourWords };
  }
  const mayAsk = service !== 'TVS' && canAskTvs(held);
  const identity = signerIdentityOf(certificate);
  const vouched = mayAsk ? tvs?.(identity) : undefined;
  if (vouched !== undefined && sameOctets(vouched.certificate, certificate.der) && includesAny(vouched.roles, roles)) {
    return { accepted: true, certificate, by: 'TVS', ourWords: `TVS vouches for ${subject} as ${service}.` };
  }
  const refused: AcceptanceRefusal =
    listed.length === 0
      ? refusal('server-unknown', 0, phoneWords, `${subject} is in no list of the phone`)
      : refusal('server-role', 0, phoneWords, `${subject} is listed as ${rolesOf(listed)}, not as ${service}`);
  return mayAsk && vouched === undefined ? { ...refused, askTvs: identity } : refused;
}

function includesAny(roles: readonly number[], wanted: readonly number[]): boolean {
  return wanted.some((role) => roles.includes(role));
}

function rolesOf(listed: readonly { readonly role: number }[]): string {
  return [...new Set(listed.map(({ role }) => describeRole(role)))].join(', ');
}
