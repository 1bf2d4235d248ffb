import type { Certificate } from './certificate.ts';
import { describeWhen } from './describe-time.ts';
import { weaknessOfKey, weaknessOfSignature } from './strength.ts';

/** Signature verifications that one presented chain may cost, so that a crafted one cannot buy hours of work. */
const MAX_SIGNATURE_CHECKS = 32;

export type PathFailureCode =
  | 'self-signed'
  | 'unknown-issuer'
  | 'bad-signature'
  | 'issuer-expired'
  | 'issuer-not-an-authority'
  | 'path-too-long'
  | 'weak-key'
  | 'weak-signature'
  | 'unknown-critical-extension';

export interface PathFailure {
  readonly found: false;
  readonly code: PathFailureCode;
  readonly reason: string;
}

/** The leaf first, the trusted issuer last. */
export type Path = readonly [Certificate, ...Certificate[]];

export interface CertificationPath {
  readonly found: true;
  readonly path: Path;
}

/** An issuer's rule that was broken, once its signature had been seen to be good. */
interface BrokenRule {
  readonly code: PathFailureCode;
  readonly reason: string;
}

/**
 * Builds and validates a certification path from a leaf to one of the trusted issuers (RFC 5280 §6.1). Every link
 * is a verified signature; names only choose which key to try. Of the leaf itself this looks at the signature
 * alone: its dates, purpose and names are the caller's to judge, once it is known who vouches for them.
 *
 * A trusted issuer need not be a root, and is held to its dates and constraints like any other authority.
 */
export function findPath(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  trusted: readonly Certificate[],
  now: number,
  legacy: boolean,
): CertificationPath | PathFailure {
  let signatureChecks = 0;
  let broken: BrokenRule | undefined;
  let farthest = leaf;

  function vouches(issuer: Certificate, subject: Certificate, authoritiesBelow: number): boolean {
    if (issuer.subjectHash !== subject.issuerHash) return false;
    signatureChecks += 1;
    const rule: BrokenRule | undefined =
      signatureChecks > MAX_SIGNATURE_CHECKS
        ? { code: 'path-too-long', reason: `the chain needs more than ${MAX_SIGNATURE_CHECKS} signature checks` }
        : !subject.signedBy(issuer)
          ? { code: 'bad-signature', reason: `claims issuer ${issuer.subject}, but its key did not sign it` }
          : brokenRule(issuer, subject, authoritiesBelow, now, legacy);
    broken ??= rule;
    return rule === undefined;
  }

  function climb(subject: Certificate, below: readonly Certificate[]): Path | undefined {
    const walked: Path = [leaf, ...below.slice(1), ...(subject === leaf ? [] : [subject])];
    // A path length bounds the authorities between issuer and leaf that are not self-issued (RFC 5280 §4.2.1.9).
    const authoritiesBelow = walked.slice(1).filter((one) => one.subjectHash !== one.issuerHash).length;
    farthest = subject;
    const anchor = trusted.find((issuer) => vouches(issuer, subject, authoritiesBelow));
    if (anchor !== undefined) return [...walked, anchor];
    for (const issuer of intermediates) {
      const isUsed = walked.some(({ fingerprint }) => fingerprint === issuer.fingerprint);
      if (isUsed || !vouches(issuer, subject, authoritiesBelow)) continue;
      const found = climb(issuer, walked);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  const path = climb(leaf, []);
  if (path !== undefined) return { found: true, path };
  if (broken !== undefined) return { found: false, ...(broken as BrokenRule) };
  if (leaf.subjectHash === leaf.issuerHash && leaf.signedBy(leaf)) {
    return { found: false, code: 'self-signed', reason: `self-signed: nobody vouches for ${leaf.subject}` };
  }
  return { found: false, code: 'unknown-issuer', reason: `unknown issuer ${farthest.issuer}` };
}

function brokenRule(
  issuer: Certificate,
  subject: Certificate,
  authoritiesBelow: number,
  now: number,
  legacy: boolean,
): BrokenRule | undefined {
  // RFC 5280 §6.1.4 (k): an authority says so; (n): and its key may sign certificates.
  if (issuer.authority === undefined) {
    return { code: 'issuer-not-an-authority', reason: `its issuer ${issuer.subject} is not a certificate authority` };
  }
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.includes('keyCertSign')) {
    return { code: 'issuer-not-an-authority', reason: `its issuer ${issuer.subject} may not sign certificates` };
  }
  // RFC 5280 §6.1.4 (l), (m).
  if (issuer.authority.pathLength !== undefined && authoritiesBelow > issuer.authority.pathLength) {
    return {
      code: 'path-too-long',
      reason: `${issuer.subject} allows ${issuer.authority.pathLength} authorities below it, here are ${authoritiesBelow}`,
    };
  }
  if (!(now >= issuer.notBefore && now <= issuer.notAfter)) {
    const when =
      now > issuer.notAfter
        ? `expired ${describeWhen(issuer.notAfter, now)}`
        : `is valid from ${describeWhen(issuer.notBefore, now)}`;
    return { code: 'issuer-expired', reason: `its issuer ${issuer.subject} ${when}` };
  }
  // RFC 5280 §4.2: a critical extension that is not understood refuses the certificate.
  if (issuer.unknownCriticalExtensions.length > 0) {
    return {
      code: 'unknown-critical-extension',
      reason: `its issuer ${issuer.subject} has critical extensions that are not understood: ${issuer.unknownCriticalExtensions.join(', ')}`,
    };
  }
  const weakKey = weaknessOfKey(issuer.key, legacy);
  if (weakKey !== undefined) return { code: 'weak-key', reason: `its issuer ${issuer.subject}: ${weakKey}` };
  const weakSignature = weaknessOfSignature(subject, legacy);
  if (weakSignature !== undefined) return { code: 'weak-signature', reason: weakSignature };
  return undefined;
}
