import { type Certificate, readCertificate } from './certificate.ts';
import { describeWhen } from './describe-time.ts';
import { deviceNameOf, phoneNameOf } from './device-name.ts';
import { visible } from './distinguished-name.ts';
import { PkiError } from './error.ts';
import { findPath, type Path, type PathFailureCode } from './path.ts';
import { keyPurpose } from './profiles.ts';
import { weaknessOfKey } from './strength.ts';
import type { DeviceProof, TrustedFor, TrustSource } from './trust-source.ts';

/** Certificates that one peer may present: leaf, intermediates and a root fit many times over. */
export const MAX_PRESENTED_CERTIFICATES = 10;

export type RefusalCode =
  | PathFailureCode
  | 'no-certificate'
  | 'malformed-certificate'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-issuer-for-purpose'
  | 'wrong-purpose'
  | 'revoked'
  | 'revocation-unknown'
  | 'no-device-name'
  | 'no-operator-name'
  | 'wrong-name'
  | 'proof-not-allowed';

/** Why a certificate was refused. `reason` is for people; `subject` is claimed by the peer and proves nothing. */
export interface Refusal {
  readonly accepted: false;
  readonly code: RefusalCode;
  readonly reason: string;
  readonly subject: string | undefined;
  readonly fingerprint: string | undefined;
}

/** What was proved by a certificate that was believed. */
export interface ProvenCertificate {
  readonly accepted: true;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Epoch milliseconds: the earliest end among the certificate and those who vouch for it. */
  readonly notAfter: number;
}

export interface ProvenDevice extends ProvenCertificate {
  readonly device: string;
  readonly means: DeviceProof;
}

export interface ProvenOperator extends ProvenCertificate {
  readonly operator: string;
}

export interface ProvenTrunk extends ProvenCertificate {
  /** Every name the certificate speaks for: common names, DNS names, addresses, URIs. */
  readonly names: readonly string[];
}

export type DeviceJudgment = ProvenDevice | Refusal;
export type OperatorJudgment = ProvenOperator | Refusal;
export type TrunkJudgment = ProvenTrunk | Refusal;

export interface JudgeOptions {
  /** `enrolment` also believes a MIC, which registers only where policy says so. Default `registration`. */
  readonly purpose?: 'registration' | 'enrolment';
  /** Phones of the RSA-1024 and SHA-1 era, on listeners that say so. Default false. */
  readonly legacy?: boolean;
}

/**
 * Decides whether a peer is the device it says it is. Pure and immediate: ask for every connection, resumed ones
 * too, before a byte is read or answered, and ask again whenever trust changes.
 *
 * @param chain DER, the peer's own certificate first, as it came from the TLS handshake; may be empty
 * @param now epoch milliseconds
 */
export function judgeDeviceCertificate(
  trust: TrustSource,
  chain: readonly Uint8Array[],
  now: number,
  { purpose = 'registration', legacy = false }: JudgeOptions = {},
): DeviceJudgment {
  const presented = readChain(chain);
  if ('accepted' in presented) return presented;
  const { leaf, intermediates } = presented;

  const pin = trust.pinOf(leaf.fingerprint);
  if (pin?.issuedUnder !== undefined) {
    return judgeImportedLsc(trust, leaf, pin.device, pin.issuedUnder, now, { purpose, legacy });
  }
  if (pin !== undefined) {
    // Its chain was verified when it was pinned; the fingerprint is this very certificate.
    const refusal = judgeLeaf(trust, [leaf], now, legacy) ?? judgeMeans(trust, leaf, 'pinned', purpose);
    return refusal ?? { ...proven([leaf]), device: pin.device, means: 'pinned' };
  }

  const vouched = findVoucher(trust, leaf, intermediates, ['locally-significant', 'manufacturer'], now, legacy);
  if ('accepted' in vouched) return vouched;
  const means = vouched.purpose === 'manufacturer' ? 'MIC' : 'LSC';
  const refusal =
    judgeLeaf(trust, vouched.path, now, legacy) ?? judgeNotAuthority(leaf) ?? judgeMeans(trust, leaf, means, purpose);
  if (refusal !== undefined) return refusal;

  // Two common names would let two readers see two devices.
  const [commonName, ...others] = leaf.commonNames;
  const nameOf = means === 'MIC' ? phoneNameOf : deviceNameOf;
  const device = commonName === undefined || others.length > 0 ? undefined : nameOf(commonName);
  if (device === undefined) return refuse(leaf, 'no-device-name', `${leaf.subject} does not name one device`);
  return { ...proven(vouched.path), device, means };
}

/** An LSC of an outside authority: this very certificate was imported for the device, and its issuers are still believed. */
function judgeImportedLsc(
  trust: TrustSource,
  leaf: Certificate,
  device: string,
  above: readonly Certificate[],
  now: number,
  { purpose, legacy }: Required<JudgeOptions>,
): DeviceJudgment {
  const vouched = findVoucher(trust, leaf, above, ['outside-lsc'], now, legacy);
  if ('accepted' in vouched) return vouched;
  const refusal = judgeLeaf(trust, vouched.path, now, legacy) ?? judgeMeans(trust, leaf, 'LSC', purpose);
  return refusal ?? { ...proven(vouched.path), device, means: 'LSC' };
}

/** Decides whether a peer is an operator. LSCs and MICs never are: their issuers vouch for devices only. */
export function judgeOperatorCertificate(
  trust: TrustSource,
  chain: readonly Uint8Array[],
  now: number,
): OperatorJudgment {
  const judged = judgeVouched(trust, chain, now, 'operator');
  if ('accepted' in judged) return judged;
  const [operator, ...others] = judged.leaf.commonNames;
  if (operator === undefined || others.length > 0) {
    return refuse(judged.leaf, 'no-operator-name', `${judged.leaf.subject} does not name one operator`);
  }
  return { ...proven(judged.path), operator };
}

/** Decides whether a peer is a gateway or another cluster, and which names it may go by. */
export function judgeTrunkCertificate(trust: TrustSource, chain: readonly Uint8Array[], now: number): TrunkJudgment {
  const judged = judgeVouched(trust, chain, now, 'trunk');
  if ('accepted' in judged) return judged;
  const { leaf, path } = judged;
  const others = leaf.subjectNames.filter(({ kind }) => kind !== 'other').map(({ value }) => value);
  return { ...proven(path), names: [...new Set([...leaf.commonNames, ...others])] };
}

interface PresentedChain {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
}

function judgeVouched(
  trust: TrustSource,
  chain: readonly Uint8Array[],
  now: number,
  purpose: TrustedFor,
): { readonly leaf: Certificate; readonly path: Path } | Refusal {
  const presented = readChain(chain);
  if ('accepted' in presented) return presented;
  const vouched = findVoucher(trust, presented.leaf, presented.intermediates, [purpose], now, false);
  if ('accepted' in vouched) return vouched;
  const refusal = judgeLeaf(trust, vouched.path, now, false) ?? judgeNotAuthority(presented.leaf);
  return refusal ?? { leaf: presented.leaf, path: vouched.path };
}

function readChain(chain: readonly Uint8Array[]): PresentedChain | Refusal {
  if (chain.length > MAX_PRESENTED_CERTIFICATES) {
    const reason = `${chain.length} certificates presented, at most ${MAX_PRESENTED_CERTIFICATES} are read`;
    return refuse(undefined, 'path-too-long', reason);
  }
  try {
    const [leaf, ...intermediates] = chain.map(readCertificate);
    if (leaf === undefined) return refuse(undefined, 'no-certificate', 'no certificate was presented');
    return { leaf, intermediates };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return refuse(undefined, 'malformed-certificate', error.message);
  }
}

const audiences: Readonly<Record<TrustedFor, string>> = {
  'locally-significant': 'devices',
  manufacturer: 'devices at enrolment',
  operator: 'operators',
  trunk: 'trunks',
  callmanager: 'call managers',
  'outside-lsc': 'devices by the certificate alone that was imported for each (trustline capf import)',
};

/** Finds who of the trusted issuers vouches for a leaf, and in which capacity. */
function findVoucher(
  trust: TrustSource,
  leaf: Certificate,
  intermediates: readonly Certificate[],
  purposes: readonly [TrustedFor, ...TrustedFor[]],
  now: number,
  legacy: boolean,
): { readonly purpose: TrustedFor; readonly path: Path } | Refusal {
  const [first] = purposes;
  const trusted = purposes.flatMap((purpose) => trust.issuersFor(purpose));
  const result = findPath(leaf, intermediates, trusted, now, legacy);
  if (result.found) {
    const anchor = result.path.at(-1)?.fingerprint;
    const isFor = (one: TrustedFor) => trust.issuersFor(one).some(({ fingerprint }) => fingerprint === anchor);
    return { purpose: purposes.find(isFor) ?? first, path: result.path };
  }
  if (result.code !== 'unknown-issuer') return refuse(leaf, result.code, result.reason);
  for (const [purpose, audience] of Object.entries(audiences) as [TrustedFor, string][]) {
    const other = findPath(leaf, intermediates, trust.issuersFor(purpose), now, legacy);
    if (!other.found) continue;
    const reason = `its issuer ${leaf.issuer} vouches for ${audience}, not for ${audiences[first]}`;
    return refuse(leaf, 'wrong-issuer-for-purpose', reason);
  }
  return refuse(leaf, 'unknown-issuer', result.reason);
}

/** The rules for the certificate itself, once it is known who vouches for it. */
function judgeLeaf(trust: TrustSource, path: Path, now: number, legacy: boolean): Refusal | undefined {
  const [leaf] = path;
  const weakness = weaknessOfKey(leaf.key, legacy);
  if (weakness !== undefined) return refuse(leaf, 'weak-key', weakness);
  if (leaf.unknownCriticalExtensions.length > 0) {
    const list = leaf.unknownCriticalExtensions.join(', ');
    return refuse(leaf, 'unknown-critical-extension', `has critical extensions that are not understood: ${list}`);
  }
  // RFC 5280 §4.2.1.3, §4.2.1.12: where the extensions are present they bound what the key is for.
  const mayAuthenticate = leaf.keyUsage?.includes('digitalSignature') ?? true;
  const purposes = leaf.extendedKeyUsage;
  const isForClients = purposes?.some((one) => one === keyPurpose.clientAuth || one === keyPurpose.any) ?? true;
  if (!mayAuthenticate || !isForClients) return refuse(leaf, 'wrong-purpose', 'not for TLS client authentication');
  for (const certificate of path) {
    const revocation = trust.revocationOf(certificate);
    if (revocation === undefined) continue;
    const whose = certificate === leaf ? '' : `its issuer ${certificate.subject} was `;
    const reason = `${whose}revoked ${describeWhen(revocation.at, now)}: ${visible(revocation.reason)}`;
    return refuse(leaf, 'revoked', reason);
  }
  // Written so that a time that is no number refuses.
  if (!(now <= leaf.notAfter)) return refuse(leaf, 'expired', `expired ${describeWhen(leaf.notAfter, now)}`);
  if (!(now >= leaf.notBefore)) {
    const reason = `not yet valid, begins ${describeWhen(leaf.notBefore, now)}`;
    return refuse(leaf, 'not-yet-valid', reason);
  }
  for (const certificate of path) {
    const stale = trust.staleRevocationOf(certificate, now);
    if (stale === undefined) continue;
    const whose = certificate === leaf ? '' : `its issuer ${certificate.subject}: `;
    return refuse(leaf, 'revocation-unknown', `${whose}${stale}`);
  }
  return undefined;
}

/** An authority's key makes other certificates; it does not stand for a device or a person. */
function judgeNotAuthority(leaf: Certificate): Refusal | undefined {
  if (leaf.authority === undefined) return undefined;
  return refuse(leaf, 'wrong-purpose', `${leaf.subject} is a certificate authority, not a peer`);
}

function judgeMeans(
  trust: TrustSource,
  leaf: Certificate,
  means: DeviceProof,
  purpose: 'registration' | 'enrolment',
): Refusal | undefined {
  if (purpose === 'enrolment' || trust.registrationProofs().includes(means)) return undefined;
  const reason =
    means === 'MIC'
      ? 'a manufacturer installed certificate enrols a device but does not register it; issue it an LSC'
      : `registration by a certificate of kind ${means} is not allowed by policy`;
  return refuse(leaf, 'proof-not-allowed', reason);
}

function proven(path: Path): ProvenCertificate {
  const [leaf] = path;
  return {
    accepted: true,
    subject: leaf.subject,
    issuer: leaf.issuer,
    serialNumber: leaf.serialNumber,
    fingerprint: leaf.fingerprint,
    notAfter: Math.min(...path.map(({ notAfter }) => notAfter)),
  };
}

function refuse(leaf: Certificate | undefined, code: RefusalCode, reason: string): Refusal {
  return { accepted: false, code, reason, subject: leaf?.subject, fingerprint: leaf?.fingerprint };
}
