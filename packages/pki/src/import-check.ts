import type { KeyObject } from 'node:crypto';
import { type Certificate, readCertificate, type SubjectName } from './certificate.ts';
import { describeWhen } from './describe-time.ts';
import { PkiError } from './error.ts';
import { findPath, type Path } from './path.ts';
import { decodeCertificatesPem } from './pem.ts';
import { type ClusterRole, isAuthorityRole, isKeyOfType, keyPurpose, profiles } from './profiles.ts';
import { describeKey, weaknessOfKey } from './strength.ts';

/** One thing that is wrong with certificates offered for import, and what to do about it. */
export interface ImportProblem {
  readonly problem: string;
  readonly nextStep: string;
}

export type ImportCheck =
  | { readonly accepted: true; readonly path: Path }
  | { readonly accepted: false; readonly problems: readonly [ImportProblem, ...ImportProblem[]] };

/** Purposes without which the role does not work. `sipDomain` is asked for, but public authorities rarely grant it. */
const neededPurposes: Partial<Readonly<Record<ClusterRole, readonly (keyof typeof keyPurpose)[]>>> = {
  'callmanager-rsa': ['serverAuth', 'clientAuth'],
  'callmanager-ecdsa': ['serverAuth', 'clientAuth'],
  capf: ['serverAuth'],
  ipsec: [],
};

/**
 * Checks a certificate of an outside CA, with its chain and root bundle, against the role it is to play and the
 * keys we hold. Everything that is wrong is named, not only the first.
 */
export function checkImport(
  role: ClusterRole,
  chainPem: string,
  rootBundlePem: string,
  ownKeys: readonly KeyObject[],
  neededNames: readonly SubjectName[],
  now: number,
): ImportCheck {
  const chain = readBundle(chainPem, 'the certificate file');
  if ('problem' in chain) return { accepted: false, problems: [chain] };
  const roots = readBundle(rootBundlePem, 'the root bundle');
  if ('problem' in roots) return { accepted: false, problems: [roots] };
  const [leaf, ...above] = chain;
  const problems = [
    ...checkKey(role, leaf, ownKeys),
    ...checkPurpose(role, leaf),
    ...checkDates(leaf, now),
    ...checkNames(leaf, neededNames),
  ];
  return conclude(problems, checkOrder(chain) ?? buildPath(leaf, above, roots, now));
}

/** Checks a device's certificate of an outside CA before it is pinned to the device: a whole chain, and in date. */
export function checkPin(chainPem: string, rootBundlePem: string, now: number): ImportCheck {
  const chain = readBundle(chainPem, 'the certificate file');
  if ('problem' in chain) return { accepted: false, problems: [chain] };
  const roots = readBundle(rootBundlePem, 'the root bundle');
  if ('problem' in roots) return { accepted: false, problems: [roots] };
  const [leaf, ...above] = chain;
  const weakness = weaknessOfKey(leaf.key, false);
  const problems = [
    ...checkDates(leaf, now),
    ...(weakness === undefined ? [] : [wrong(weakness, 'Make a new key on the device: RSA-2048 or ECDSA P-256.')]),
  ];
  const isItsOwnRoot = roots.some(({ fingerprint }) => fingerprint === leaf.fingerprint) && leaf.signedBy(leaf);
  const path: Path | ImportProblem = isItsOwnRoot ? [leaf] : (checkOrder(chain) ?? buildPath(leaf, above, roots, now));
  return conclude(problems, path);
}

function conclude(problems: readonly ImportProblem[], path: Path | ImportProblem): ImportCheck {
  const [first, ...rest] = problems;
  if ('problem' in path) {
    return { accepted: false, problems: first === undefined ? [path] : [first, ...rest, path] };
  }
  return first === undefined ? { accepted: true, path } : { accepted: false, problems: [first, ...rest] };
}

function readBundle(pem: string, what: string): Path | ImportProblem {
  try {
    const [first, ...rest] = decodeCertificatesPem(pem).map(readCertificate);
    if (first !== undefined) return [first, ...rest];
    return wrong(`${what} is empty`, 'Give at least one certificate in PEM.');
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return wrong(`${what}: ${error.message}`, error.nextStep ?? 'Export the file again from the authority.');
  }
}

function checkKey(role: ClusterRole, leaf: Certificate, ownKeys: readonly KeyObject[]): ImportProblem[] {
  if (!ownKeys.some((key) => key.equals(leaf.publicKey))) {
    const problem = `the first certificate (${leaf.subject}) is not for the key of the request`;
    return [
      wrong(problem, `Send the authority the request of \`trustline pki csr ${role}\`, and put its answer first.`),
    ];
  }
  if (isKeyOfType(leaf.key, profiles[role].key)) return [];
  const wanted = profiles[role].key;
  return [wrong(`${profiles[role].title} needs ${wanted}, not ${describeKey(leaf.key)}`, 'Make a new request.')];
}

function checkPurpose(role: ClusterRole, leaf: Certificate): ImportProblem[] {
  const problems: ImportProblem[] = [];
  const usage = leaf.keyUsage;
  if (isAuthorityRole(role)) {
    if (leaf.authority === undefined || (usage !== undefined && !usage.includes('keyCertSign'))) {
      const problem = 'it is no certificate authority (basicConstraints CA:TRUE, keyUsage keyCertSign)';
      problems.push(wrong(problem, 'Ask the authority for a subordinate CA certificate.'));
    }
  } else if (leaf.authority !== undefined) {
    problems.push(wrong('it is a certificate authority, not a server', 'Ask the authority for a server certificate.'));
  } else if (usage !== undefined && !usage.includes('digitalSignature')) {
    problems.push(
      wrong('its key usage lacks digitalSignature', 'Ask the authority to grant what the request asks for.'),
    );
  }
  const purposes = leaf.extendedKeyUsage;
  const missing = (neededPurposes[role] ?? []).filter(
    (one) => purposes !== undefined && !purposes.includes(keyPurpose[one]) && !purposes.includes(keyPurpose.any),
  );
  if (missing.length > 0) {
    const problem = `its extended key usage lacks ${missing.join(' and ')}`;
    problems.push(wrong(problem, 'Ask the authority to grant the extended key usages of the request.'));
  }
  if (leaf.unknownCriticalExtensions.length > 0) {
    const problem = `it has critical extensions that are not understood: ${leaf.unknownCriticalExtensions.join(', ')}`;
    problems.push(wrong(problem, 'Ask the authority for a certificate without them.'));
  }
  return problems;
}

/** Whether it is in date. */
export function checkDates(leaf: Certificate, now: number): ImportProblem[] {
  const newOne = 'Ask the authority for a new certificate, and check the clock of this machine.';
  if (!(now <= leaf.notAfter)) return [wrong(`it expired ${describeWhen(leaf.notAfter, now)}`, newOne)];
  if (!(now >= leaf.notBefore)) return [wrong(`it is not valid before ${describeWhen(leaf.notBefore, now)}`, newOne)];
  return [];
}

/** RFC 5922 §7.2: names are compared whole, and wildcards do not match. */
function checkNames(leaf: Certificate, needed: readonly SubjectName[]): ImportProblem[] {
  const has = new Set(leaf.subjectNames.map(({ kind, value }) => `${kind}:${value.toLowerCase()}`));
  const missing = needed.filter(({ kind, value }) => !has.has(`${kind}:${value.toLowerCase()}`));
  if (missing.length === 0) return [];
  const list = missing.map(({ kind, value }) => `${kind} ${value}`).join(', ');
  return [wrong(`its subjectAltName lacks ${list}`, 'Ask the authority to keep the names of the request.')];
}

function checkOrder(chain: Path): ImportProblem | undefined {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) continue;
    if (certificate.issuerHash === issuer.subjectHash && certificate.signedBy(issuer)) continue;
    const problem = `the chain is out of order: certificate ${index + 2} (${issuer.subject}) did not issue certificate ${index + 1} (${certificate.subject})`;
    return wrong(problem, 'Put the own certificate first, and after each the one that issued it.');
  }
  return undefined;
}

function buildPath(
  leaf: Certificate,
  above: readonly Certificate[],
  roots: readonly Certificate[],
  now: number,
): Path | ImportProblem {
  const notRoot = roots.find((root) => root.subjectHash !== root.issuerHash || !root.signedBy(root));
  if (notRoot !== undefined) {
    const problem = `the root bundle holds ${notRoot.subject}, which is not self-signed and so no root`;
    return wrong(problem, 'Put intermediate authorities into the certificate file, and roots only into the bundle.');
  }
  const result = findPath(leaf, above, roots, now, false);
  if (result.found) return result.path;
  if (result.code === 'unknown-issuer') {
    const problem = `the chain does not reach a root of the bundle: ${result.reason}`;
    return wrong(
      problem,
      'Append the missing intermediate authority to the certificate file, or its root to the bundle.',
    );
  }
  return wrong(result.reason, 'Ask the authority for a certificate and chain without this fault.');
}

export function wrong(problem: string, nextStep: string): ImportProblem {
  return { problem, nextStep };
}
