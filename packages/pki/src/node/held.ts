import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redacted } from '@trustline/base';
import { type Certificate, readCertificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import type { Path } from '../path.ts';
import { decodeCertificatesPem, encodeCertificatesPem } from '../pem.ts';
import type { ClusterRole } from '../profiles.ts';
import type { OcspAnswer } from '../revocation/ocsp-response.ts';
import type { StaleRevocationPolicy } from '../revocation/outside-revocation.ts';
import { type RevocationList, readRevocationList } from '../revocation/revocation-list.ts';
import { writeFileAtomically } from './files.ts';
import { type Manifest, readManifest, type StoredAuthority, type StoredCertificate } from './manifest.ts';
import { readPrivateKey, writePrivateKey } from './private-key-file.ts';

/** A certificate of the cluster with its issuers up to the root, and where it stands in the store. */
export interface HeldCertificate {
  readonly role: ClusterRole;
  readonly path: Path;
  readonly stored: StoredCertificate;
}

/** The one in force for its role, with its key. */
export interface HeldIdentity extends HeldCertificate {
  readonly privateKey: KeyObject;
}

/** Everything of a cluster in memory, as one value: a change makes a new one. */
export interface ClusterState {
  readonly manifest: Manifest;
  readonly identities: ReadonlyMap<ClusterRole, HeldIdentity>;
  /** Renewals that are not shown yet. */
  readonly staged: ReadonlyMap<ClusterRole, HeldIdentity>;
  readonly replaced: readonly HeldCertificate[];
  readonly pending: ReadonlyMap<ClusterRole, KeyObject>;
  readonly recordSigner: KeyObject;
  /** What secrets of devices are derived from. */
  readonly secretKey: KeyObject | undefined;
  /** The certification path of each pinned certificate, by its fingerprint. */
  readonly pinned: ReadonlyMap<string, Path>;
  /** Manufacturing authorities outside. */
  readonly manufacturers: readonly Certificate[];
  /** Authorities outside that may issue LSCs. */
  readonly lscAuthorities: readonly Certificate[];
  /** Revocation lists of outside authorities. */
  readonly lists: readonly RevocationList[];
  /** What responders of outside authorities have answered; in memory alone. */
  readonly answers: readonly OcspAnswer[];
  readonly outsidePolicy: OutsidePolicy;
}

/** How what outside authorities revoke is learned, and what becomes of a certificate when nothing current is known. */
export interface OutsidePolicy {
  readonly stale: StaleRevocationPolicy;
  /** Whether responders are asked. */
  readonly ocsp: boolean;
}

/**
 * Reads all keys and certificates that a cluster's manifest names, and checks that they belong together.
 *
 * @throws {PkiError} pki.store-damaged, pki.store-newer, pki.key-mismatch, and those of `readPrivateKey`
 */
export async function loadState(
  directory: string,
  passphrase: Redacted<string> | undefined,
  outsidePolicy: OutsidePolicy,
): Promise<ClusterState> {
  const manifest = await readManifest(directory);
  const keyOf = ({ keyFile }: { readonly keyFile: string }) => readPrivateKey(join(directory, keyFile), passphrase);
  const readIdentities = async (table: Manifest['certificates']) => {
    const found = new Map<ClusterRole, HeldIdentity>();
    for (const [role, stored] of byRole(table)) {
      const path = await readPath(directory, stored);
      const privateKey = await keyOf(stored);
      assertKeyMatches(path[0], privateKey, stored);
      found.set(role, { role, path, stored, privateKey });
    }
    return found;
  };
  const identities = await readIdentities(manifest.certificates);
  const staged = await readIdentities(manifest.staged ?? {});
  const replaced: HeldCertificate[] = [];
  for (const { role, ...stored } of manifest.replaced) {
    replaced.push({ role, path: await readPath(directory, stored), stored });
  }
  const pending = new Map<ClusterRole, KeyObject>();
  for (const [role, stored] of byRole(manifest.pending)) pending.set(role, await keyOf(stored));
  const pinned = new Map<string, Path>();
  for (const { fingerprint, certificateFile } of manifest.pins) {
    pinned.set(fingerprint, await readPath(directory, { pathFile: certificateFile }));
  }
  const manufacturers = await readAuthorities(directory, manifest.manufacturers ?? []);
  const lscAuthorities = await readAuthorities(directory, manifest.lscAuthorities ?? []);
  const lists: RevocationList[] = [];
  for (const { file } of manifest.revocationLists ?? []) lists.push(await readList(directory, file));
  const recordSigner = await keyOf(manifest.recordSigner);
  const secretKey = manifest.secretKey && (await keyOf(manifest.secretKey));
  const answers: readonly OcspAnswer[] = [];
  return {
    manifest,
    identities,
    staged,
    replaced,
    pending,
    recordSigner,
    secretKey,
    pinned,
    manufacturers,
    lscAuthorities,
    lists,
    answers,
    outsidePolicy,
  };
}

/** A manifest's table by role, typed. */
function byRole<T>(table: Readonly<Partial<Record<ClusterRole, T>>>): readonly [ClusterRole, T][] {
  return Object.entries(table) as [ClusterRole, T][];
}

async function readPath(directory: string, { pathFile }: Pick<StoredCertificate, 'pathFile'>): Promise<Path> {
  const path = join(directory, pathFile);
  try {
    const [first, ...rest] = decodeCertificatesPem(await readFile(path, 'utf8')).map(readCertificate);
    if (first !== undefined) return [first, ...rest];
  } catch {
    // reported below: whatever was wrong with it, the file is not what was written
  }
  throw new PkiError('pki.store-damaged', `${path} does not hold the certificates that were written to it`, {
    nextStep: 'Restore the whole folder from a backup.',
  });
}

async function readAuthorities(directory: string, stored: readonly StoredAuthority[]): Promise<readonly Certificate[]> {
  const found: Certificate[] = [];
  for (const { certificateFile } of stored) {
    found.push((await readPath(directory, { pathFile: certificateFile }))[0]);
  }
  return found;
}

async function readList(directory: string, file: string): Promise<RevocationList> {
  const path = join(directory, file);
  try {
    return readRevocationList(new Uint8Array(await readFile(path)));
  } catch {
    throw new PkiError('pki.store-damaged', `${path} does not hold the revocation list that was written to it`, {
      nextStep: 'Restore the whole folder from a backup.',
    });
  }
}

function assertKeyMatches(certificate: Certificate, privateKey: KeyObject, stored: StoredCertificate): void {
  if (createPublicKey(privateKey).equals(certificate.publicKey)) return;
  throw new PkiError('pki.key-mismatch', `${stored.keyFile} is not the key of ${certificate.subject}`, {
    nextStep: 'Restore the whole folder from a backup; files of different times do not fit together.',
  });
}

/** Writes a key under a name of its own; nothing refers to it until a manifest does. */
export async function storeKey(
  directory: string,
  role: string,
  tag: string,
  key: KeyObject,
  passphrase: Redacted<string> | undefined,
): Promise<string> {
  const keyFile = `${role}-${tag}.key.pem`;
  await writePrivateKey(join(directory, keyFile), key, passphrase);
  return keyFile;
}

/** Writes a certification path under a name of its own; nothing refers to it until a manifest does. */
export async function storePath(directory: string, role: string, path: Path): Promise<string> {
  const pathFile = `${role}-${path[0].fingerprint.slice(0, 16)}.pem`;
  await writeFileAtomically(join(directory, pathFile), encodeCertificatesPem(path));
  return pathFile;
}
