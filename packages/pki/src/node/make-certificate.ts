import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { PkiError } from '../error.ts';
import { type IssueRequest, issueCertificate, type Signer } from '../issue.ts';
import type { Path } from '../path.ts';
import { encodeCertificatesPem } from '../pem.ts';
import { type AuthorityRole, type CertificateRole, type ClusterRole, profiles } from '../profiles.ts';
import type { Identity } from './cluster.ts';
import type { HeldIdentity } from './held.ts';
import type { Manifest } from './manifest.ts';
import { commonNameOf, namesFor } from './names.ts';
import { generatePrivateKey, privateKeyPem } from './private-key-file.ts';

/** What plays a manufacturer says so in its subject, and in that of each MIC. */
export const standIn = {
  organization: 'LAB STAND-IN',
  organizationalUnit: 'LAB STAND-IN for a manufacturer',
} as const;

/**
 * Makes a key and a certificate for one of the cluster's own roles; nothing is stored.
 *
 * The manufacturing authority of a production cluster is made when a token first needs an issuer. Phones verify the
 * tokens of a CTL by it, so it stands in the CTL, and goes by the cluster's name: in a CTL that phones hold for years
 * nothing is to look like a leftover of a lab. That of a lab plays a phone vendor, and says that it only does so.
 */
export async function makeClusterCertificate(
  role: ClusterRole,
  { names, kind = 'lab' }: Pick<Manifest, 'names' | 'kind'>,
  authority: HeldIdentity | undefined,
  now: number,
): Promise<{ readonly path: Path; readonly privateKey: KeyObject }> {
  const privateKey = await generatePrivateKey(profiles[role].key);
  const request: IssueRequest = {
    role,
    ...(role === 'manufacturing-ca' && kind === 'lab'
      ? { ...standIn, commonName: `${standIn.organization} Manufacturing CA ${newTag()}` }
      : { organization: names.cluster, commonName: commonNameOf(role, names, newTag()) }),
    subjectNames: namesFor(role, names),
    publicKey: createPublicKey(privateKey),
  };
  const signer: Signer = authority === undefined ? { kind: 'self', privateKey } : signerOf(authority);
  const certificate = await issueCertificate(request, signer, { now, random: randomBytes });
  return { path: [certificate, ...(authority?.path ?? [])], privateKey };
}

/** A short random mark, for file names and for telling authorities apart. */
export function newTag(): string {
  return randomBytes(4).toString('hex');
}

/** An authority of the cluster, ready to sign. */
export function signerOf({ path, privateKey }: HeldIdentity): Signer {
  return { kind: 'authority', certificate: path[0], privateKey };
}

/** The authority that issues a role's certificates. */
export function issuerOf(role: CertificateRole): AuthorityRole {
  const { issuer } = profiles[role];
  if (issuer !== 'self') return issuer;
  throw new PkiError('pki.refused-request', `${profiles[role].title} has no issuer but itself`);
}

/** A certificate and its key as they are served or handed out: the root is left to those who trust it. */
export function identityOf(path: Path, privateKey: KeyObject): Identity {
  return { certificate: path[0], chainPem: chainPemOf(path), privateKeyPem: privateKeyPem(privateKey) };
}

/** PEM of a path without its root. */
export function chainPemOf([certificate, ...issuers]: Path): string {
  const chain = [certificate, ...issuers.filter(({ subjectHash, issuerHash }) => subjectHash !== issuerHash)];
  return encodeCertificatesPem(chain);
}
