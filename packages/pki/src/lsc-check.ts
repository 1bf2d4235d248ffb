import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import { describeWhen } from './describe-time.ts';
import { deviceNameOf } from './device-name.ts';
import { visible } from './distinguished-name.ts';
import { checkDates, type ImportProblem, wrong } from './import-check.ts';
import { spkiOf } from './issue.ts';
import { findPath, type Path } from './path.ts';
import { keyPurpose } from './profiles.ts';
import { weaknessOfKey } from './strength.ts';
import type { TrustSource } from './trust-source.ts';

/** A key that a device has made and that waits for a certificate of an outside authority. */
export interface WaitingKey {
  readonly device: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
}

export type LscCheck =
  | { readonly accepted: true; readonly device: string; readonly path: Path }
  | { readonly accepted: false; readonly problems: readonly [ImportProblem, ...ImportProblem[]] };

/** SHA-256 over a SubjectPublicKeyInfo (DER), lower-case hex: how people compare keys. */
export function keyFingerprint(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

/**
 * Checks what an outside authority has issued for a device's key before it becomes the LSC of that device. Everything
 * that is wrong is named, not only the first.
 *
 * @param certificates of one file, in any order: the device's own, and the authorities above it
 * @param now epoch milliseconds
 */
export function checkLsc(
  certificates: readonly Certificate[],
  waiting: readonly WaitingKey[],
  trust: TrustSource,
  now: number,
): LscCheck {
  const [leaf, ...others] = certificates.filter(({ authority }) => authority === undefined);
  if (leaf === undefined || others.length > 0) return refusedAs(wrongCount(certificates.length, others.length));
  const device = deviceOf(leaf);
  const owner = waiting.find(({ publicKey }) => isSameKey(leaf, publicKey))?.device;
  const above = certificates.filter((one) => one !== leaf);
  const authorities = trust.issuersFor('outside-lsc');
  const built = findPath(leaf, above, authorities, now, false);
  const problems = [
    ...checkOwner(leaf, device, owner, waiting),
    ...checkProfile(leaf),
    ...checkDates(leaf, now),
    ...(built.found ? checkRevocation(built.path, trust, now) : [chainProblem(built.reason, authorities.length)]),
  ];
  const [first, ...rest] = problems;
  if (first !== undefined) return { accepted: false, problems: [first, ...rest] };
  if (!built.found || owner === undefined)
    throw new RangeError('a certificate without a path or a device has a problem');
  return { accepted: true, device: owner, path: built.path };
}

function refusedAs(problem: ImportProblem): LscCheck {
  return { accepted: false, problems: [problem] };
}

function wrongCount(all: number, others: number): ImportProblem {
  const problem =
    others === 0
      ? `the ${all === 1 ? 'certificate in the file is' : `${all} certificates in the file are`} of authorities, and none of a phone`
      : `the file holds certificates of ${others + 1} phones`;
  return { problem, nextStep: 'Give one file for each phone: its certificate, and those of the authorities above it.' };
}

/** Two common names would let two readers see two devices. */
function deviceOf({ commonNames: [name, ...others] }: Certificate): string | undefined {
  return name === undefined || others.length > 0 ? undefined : deviceNameOf(name);
}

function checkOwner(
  leaf: Certificate,
  device: string | undefined,
  owner: string | undefined,
  waiting: readonly WaitingKey[],
): ImportProblem[] {
  const subject = visible(leaf.subject);
  if (owner !== undefined && owner !== device) {
    const problem = `its key is the one that ${owner} has made, and it is made out to ${subject}`;
    return [wrong(problem, `Have it issued again with CN=${owner}, as the request says.`)];
  }
  if (owner !== undefined) return [];
  const expected = waiting.find((one) => one.device === device);
  if (expected !== undefined) {
    const [theirs, ours] = [keyFingerprint(spkiOf(leaf.publicKey)), keyFingerprint(expected.publicKey)];
    const problem = `it is for another key (SHA-256 ${theirs}) than the one that ${device} has made (${ours})`;
    return [wrong(problem, 'Have the request signed that trustline capf csr writes.')];
  }
  const problem = `no phone waits for ${subject}`;
  return [wrong(problem, 'See who waits: trustline capf csr; open an enrolment with: trustline enrolment open')];
}

/** The profile of LSCs. What a certificate does not say does not bind it (RFC 5280 §4.2.1.3, §4.2.1.12). */
function checkProfile(leaf: Certificate): ImportProblem[] {
  const { key, keyUsage, extendedKeyUsage: purposes, unknownCriticalExtensions } = leaf;
  const problems: string[] = [];
  // Configurations are encrypted to RSA keys (.enc.sgn).
  const needed =
    key.kind === 'RSA' ? (['digitalSignature', 'keyEncipherment'] as const) : (['digitalSignature'] as const);
  const lacking = keyUsage === undefined ? [] : needed.filter((usage) => !keyUsage.includes(usage));
  if (lacking.length > 0) problems.push(`its key usage lacks ${lacking.join(' and ')}`);
  if (keyUsage?.includes('keyCertSign')) problems.push('its key usage lets it sign certificates');
  const isForClients = purposes?.some((one) => one === keyPurpose.clientAuth || one === keyPurpose.any) ?? true;
  if (!isForClients) problems.push('its extended key usage lacks clientAuth');
  if (unknownCriticalExtensions.length > 0) {
    problems.push(`it has critical extensions that are not understood: ${unknownCriticalExtensions.join(', ')}`);
  }
  const granted = problems.map((problem) => wrong(problem, 'Ask the authority to grant what the request asks for.'));
  const weakness = weaknessOfKey(key, false);
  const weak = 'Cancel the enrolment and open another one, with --key-kind RSA-2048 or EC-P-256.';
  return weakness === undefined ? granted : [...granted, wrong(weakness, weak)];
}

function checkRevocation(path: Path, trust: TrustSource, now: number): ImportProblem[] {
  return path.flatMap((certificate) => {
    const revocation = trust.revocationOf(certificate);
    if (revocation === undefined) return [];
    const problem = `${certificate.subject} was revoked ${describeWhen(revocation.at, now)}: ${visible(revocation.reason)}`;
    return [wrong(problem, 'Ask the authority for a new certificate.')];
  });
}

function chainProblem(reason: string, authorities: number): ImportProblem {
  const nextStep =
    authorities === 0
      ? 'No authority outside may issue LSCs yet. A trust officer lets one: trustline pki lsc-authority import FILE'
      : 'Put the intermediate authorities into the file; those that may issue: trustline pki lsc-authority list';
  return wrong(`its chain leads to no outside authority that may issue LSCs: ${reason}`, nextStep);
}

function isSameKey(leaf: Certificate, publicKey: Uint8Array): boolean {
  return Buffer.compare(spkiOf(leaf.publicKey), publicKey) === 0;
}
