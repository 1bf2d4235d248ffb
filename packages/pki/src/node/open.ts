import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Redacted } from '@trustline/base';
import { PkiError } from '../error.ts';
import type { ClusterRole } from '../profiles.ts';
import { profiles } from '../profiles.ts';
import type { Cluster } from './cluster.ts';
import { assertPrivate, flushDirectory, isTemporary, makePrivateDirectory } from './files.ts';
import { type HeldIdentity, loadState, type OutsidePolicy, storeKey, storePath } from './held.ts';
import { IssuedLedger } from './ledger.ts';
import { makeClusterCertificate, newTag } from './make-certificate.ts';
import { type ClusterNames, type StoredCertificate, writeManifest } from './manifest.ts';
import { assertNames } from './names.ts';
import { generatePrivateKey } from './private-key-file.ts';
import { StoredCluster } from './stored-cluster.ts';

export interface ClusterOptions {
  /** Encrypts every key file (PKCS#8, PBES2). Without it keys are protected by their file mode alone. */
  readonly passphrase?: Redacted<string> | undefined;
  /** What is made where nothing exists yet; `lab` by default. */
  readonly kind?: 'lab' | 'production';
  /** How what outside authorities revoke is learned; by default nobody is asked, and what is not known is believed. */
  readonly outsidePolicy?: OutsidePolicy;
}

/**
 * What a cluster has from its first start; the CAPF and IPsec identities are made when a service first asks. A lab also
 * has a stand-in for a manufacturer; production takes the vendor's, and makes its own when a token first needs an issuer.
 */
const firstRoles: readonly ClusterRole[] = [
  'callmanager-ca',
  'callmanager-rsa',
  'callmanager-ecdsa',
  'capf-ca',
  'operator-ca',
];

/**
 * Opens the cluster of a folder, or makes one there when none exists: by default a lab cluster in mixed mode.
 * It is built beside its place and moved there whole, so a crash leaves a cluster or none; what an interrupted
 * attempt left is thrown away, since nobody has ever seen its keys.
 *
 * @param now epoch milliseconds
 * @throws {PkiError} pki.store-damaged when the folder holds other things; those of `openCluster`; pki.write-failed
 */
export async function createCluster(
  directory: string,
  names: ClusterNames,
  now: number,
  options: ClusterOptions = {},
): Promise<Cluster> {
  const existing = await openCluster(directory, options);
  if (existing !== undefined) return existing;
  assertNames(names);
  const place = resolve(directory);
  const building = `${place}.creating`;
  await rm(building, { recursive: true, force: true });
  await makePrivateDirectory(building);
  await build(building, names, now, options);
  await rename(building, place).catch((cause: unknown) => {
    throw new PkiError('pki.write-failed', `${building} cannot be moved to ${place}`, {
      nextStep: 'Check the owner of the folder above, and that no other program starts a cluster there.',
      cause,
    });
  });
  await flushDirectory(dirname(place));
  const created = await openCluster(place, options);
  if (created === undefined) throw new PkiError('pki.store-missing', `${place} vanished while it was being made`);
  return created;
}

/**
 * Opens the cluster of a folder, or returns undefined when the folder is missing or empty.
 *
 * @throws {PkiError} pki.store-damaged, pki.store-newer, pki.key-mismatch, pki.key-file-exposed,
 * pki.key-file-unreadable, pki.passphrase-needed, pki.passphrase-wrong
 */
export async function openCluster(directory: string, options: ClusterOptions = {}): Promise<Cluster | undefined> {
  const place = resolve(directory);
  const files = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new PkiError('pki.key-file-unreadable', `${place} cannot be read (${error.code})`, {
      nextStep: 'Check that the folder belongs to the user who runs Trustline.',
      cause: error,
    });
  });
  if (files.length === 0) return undefined;
  await assertPrivate(place);
  await removeUnfinished(place, files);
  const outsidePolicy = options.outsidePolicy ?? { stale: 'warn', ocsp: false };
  const state = await loadState(place, options.passphrase, outsidePolicy);
  return new StoredCluster(place, state, await IssuedLedger.open(place), options.passphrase);
}

/** A crash in the middle of a write leaves its temporary file, possibly with a key in it. */
async function removeUnfinished(directory: string, files: readonly string[]): Promise<void> {
  await Promise.all(files.filter(isTemporary).map((file) => rm(join(directory, file), { force: true })));
}

async function build(
  directory: string,
  names: ClusterNames,
  now: number,
  { passphrase, kind = 'lab' }: ClusterOptions,
): Promise<void> {
  const made = new Map<ClusterRole, HeldIdentity>();
  for (const role of kind === 'lab' ? [...firstRoles, 'manufacturing-ca' as const] : firstRoles) {
    const { issuer } = profiles[role];
    const authority = issuer === 'self' ? undefined : made.get(issuer);
    const { path, privateKey } = await makeClusterCertificate(role, { names, kind }, authority, now);
    const keyFile = await storeKey(directory, role, newTag(), privateKey, passphrase);
    const stored: StoredCertificate = {
      pathFile: await storePath(directory, role, path),
      keyFile,
      origin: 'generated',
    };
    made.set(role, { role, path, privateKey, stored });
  }
  const recordSigner = await generatePrivateKey('Ed25519');
  await writeManifest(directory, {
    schema: 1,
    names,
    // A production cluster gives no device keys before its operators have published a CTL.
    securityMode: kind === 'lab' ? 'mixed' : 'non-secure',
    kind,
    registrationProofs: ['LSC', 'pinned'],
    certificates: Object.fromEntries([...made].map(([role, { stored }]) => [role, stored])),
    replaced: [],
    pending: {},
    recordSigner: { keyFile: await storeKey(directory, 'record-signer', newTag(), recordSigner, passphrase) },
    pins: [],
    revocations: [],
  });
}
