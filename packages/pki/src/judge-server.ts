import { type Certificate, readCertificate, type SubjectName } from './certificate.ts';
import { describeWhen } from './describe-time.ts';
import { PkiError } from './error.ts';
import { MAX_PRESENTED_CERTIFICATES, type ProvenCertificate, type Refusal, type RefusalCode } from './judge.ts';
import { findPath } from './path.ts';
import { keyPurpose } from './profiles.ts';
import { weaknessOfKey } from './strength.ts';

export type ServerJudgment = ProvenCertificate | Refusal;

/**
 * Decides, for a phone, whether a server is the call manager it meant to reach. Pure and immediate: ask for every
 * connection, before anything is said on it.
 *
 * @param bundle the trust bundle of the phone
 * @param chain DER, the server's own certificate first, as it came from the TLS handshake
 * @param name the host name or IP address that was connected to
 * @param now epoch milliseconds
 */
export function judgeServerCertificate(
  bundle: readonly Certificate[],
  chain: readonly Uint8Array[],
  name: string,
  now: number,
): ServerJudgment {
  if (chain.length > MAX_PRESENTED_CERTIFICATES) {
    return refuse(undefined, 'path-too-long', `${chain.length} certificates were presented`);
  }
  let certificates: readonly Certificate[];
  try {
    certificates = chain.map(readCertificate);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return refuse(undefined, 'malformed-certificate', error.message);
  }
  const [leaf, ...intermediates] = certificates;
  if (leaf === undefined) return refuse(undefined, 'no-certificate', 'no certificate was presented');
  const found = findPath(leaf, intermediates, bundle, now, false);
  if (!found.found) return refuse(leaf, found.code, found.reason);
  const refusal = judgeLeaf(leaf, name, now);
  if (refusal !== undefined) return refusal;
  const { subject, issuer, serialNumber, fingerprint } = leaf;
  const notAfter = Math.min(...found.path.map((certificate) => certificate.notAfter));
  return { accepted: true, subject, issuer, serialNumber, fingerprint, notAfter };
}

function judgeLeaf(leaf: Certificate, name: string, now: number): Refusal | undefined {
  const weakness = weaknessOfKey(leaf.key, false);
  if (weakness !== undefined) return refuse(leaf, 'weak-key', weakness);
  if (leaf.unknownCriticalExtensions.length > 0) {
    const list = leaf.unknownCriticalExtensions.join(', ');
    return refuse(leaf, 'unknown-critical-extension', `has critical extensions that are not understood: ${list}`);
  }
  // RFC 5280 §4.2.1.12; an authority's key does not stand for a server.
  const purposes = leaf.extendedKeyUsage;
  const isForServers = purposes?.some((one) => one === keyPurpose.serverAuth || one === keyPurpose.any) ?? true;
  if (!isForServers || leaf.authority !== undefined) {
    return refuse(leaf, 'wrong-purpose', 'not for TLS server authentication');
  }
  if (now > leaf.notAfter) return refuse(leaf, 'expired', `expired ${describeWhen(leaf.notAfter, now)}`);
  if (now < leaf.notBefore) {
    return refuse(leaf, 'not-yet-valid', `not yet valid, begins ${describeWhen(leaf.notBefore, now)}`);
  }
  if (!leaf.subjectNames.some((subject) => names(subject, name))) {
    const all = leaf.subjectNames.map(({ value }) => value).join(', ') || 'no name';
    return refuse(leaf, 'wrong-name', `it is for ${all}, not for ${name}`);
  }
  return undefined;
}

/** RFC 5922 §7.2: "Implementations MUST NOT match any form of wildcard"; the common name counts for nothing. */
function names({ kind, value }: SubjectName, name: string): boolean {
  if (kind === 'ip') return canonicalAddress(value) === canonicalAddress(name);
  return kind === 'dns' && value.toLowerCase() === name.toLowerCase().replace(/\.$/, '');
}

/** One spelling for each IP address; a host name stays what it is. */
function canonicalAddress(text: string): string {
  if (!text.includes(':')) return text;
  try {
    return new URL(`http://[${text}]/`).hostname;
  } catch {
    return text;
  }
}

function refuse(leaf: Certificate | undefined, code: RefusalCode, reason: string): Refusal {
  return { accepted: false, code, reason, subject: leaf?.subject, fingerprint: leaf?.fingerprint };
}
