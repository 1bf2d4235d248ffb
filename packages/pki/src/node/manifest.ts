import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PkiError } from '../error.ts';
import type { RevokedCertificate } from '../lab-trust-source.ts';
import { type ClusterRole, profiles } from '../profiles.ts';
import { revocationReasons } from '../revocation/reasons.ts';
import type { ClusterSecurityMode, DevicePin, DeviceProof } from '../trust-source.ts';
import { writeFileAtomically } from './files.ts';

/** Raised when the manifest changes so that an older Trustline would misread it. */
const SCHEMA = 1;

const MANIFEST_FILE = 'cluster.json';

/** What the cluster is called, and reached by: these names go into the certificates of its servers. */
export interface ClusterNames {
  /** The organization in every subject: `Trustline lab`. */
  readonly cluster: string;
  /** DNS names of the call manager, the first of them its common name. */
  readonly hosts: readonly [string, ...string[]];
  /** IPv4 and IPv6 addresses. */
  readonly addresses: readonly string[];
  /** SIP domains it serves (RFC 5922: `sip:example.org` in the subjectAltName). */
  readonly domains: readonly string[];
}

/** One certificate of the cluster: files are named relative to its folder. */
export interface StoredCertificate {
  /** PEM: the certificate, then each issuer, the root last. */
  readonly pathFile: string;
  readonly keyFile: string;
  readonly origin: 'generated' | 'imported';
}

/** A device's certificate of an outside authority, PEM with its issuers. */
export interface StoredPin extends Pick<DevicePin, 'device' | 'fingerprint'> {
  readonly certificateFile: string;
  /** An LSC that was asked for here; without it one that an operator has pinned. */
  readonly means?: 'LSC';
}

/** Authorities outside, PEM. */
export interface StoredAuthority {
  readonly fingerprint: string;
  readonly certificateFile: string;
}

/**
 * The one file that says what is in force. Keys and certificates are written under new names first; renaming a new
 * manifest over the old one is the moment at which any change happens, or has not happened.
 */
export interface Manifest {
  readonly schema: typeof SCHEMA;
  readonly names: ClusterNames;
  readonly securityMode: ClusterSecurityMode;
  /** A lab makes its own tokens and trust list at its first start; a production cluster waits for its operators'. */
  readonly kind?: 'lab' | 'production';
  /** True once a CTL of real security tokens is published: the trust is then not the lab's own any more. */
  readonly tokenTrust?: boolean;
  readonly registrationProofs: readonly DeviceProof[];
  readonly certificates: Readonly<Partial<Record<ClusterRole, StoredCertificate>>>;
  /** Earlier certificates of authorities, believed for what they issued. */
  readonly replaced: readonly (StoredCertificate & { readonly role: ClusterRole })[];
  /** Renewals of identities that phones learn of before a server shows them. */
  readonly staged?: Readonly<Partial<Record<ClusterRole, StoredCertificate>>>;
  /** Keys made for a request to an outside CA. */
  readonly pending: Readonly<Partial<Record<ClusterRole, { readonly keyFile: string }>>>;
  readonly recordSigner: { readonly keyFile: string };
  /** What secrets of devices are derived from, once there was a need for one. */
  readonly secretKey?: { readonly keyFile: string };
  readonly pins: readonly StoredPin[];
  readonly revocations: readonly RevokedCertificate[];
  /** Revocation lists of outside authorities, DER. */
  readonly revocationLists?: readonly { readonly file: string }[];
  /** Whose MICs are believed. */
  readonly manufacturers?: readonly StoredAuthority[];
  /** Who may issue LSCs that are imported. */
  readonly lscAuthorities?: readonly StoredAuthority[];
}

export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  await writeFileAtomically(join(directory, MANIFEST_FILE), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** Every file that a manifest refers to. */
export function filesOf(manifest: Manifest): ReadonlySet<string> {
  const stored = [
    ...Object.values(manifest.certificates),
    ...Object.values(manifest.staged ?? {}),
    ...manifest.replaced,
  ];
  return new Set([
    ...stored.flatMap(({ pathFile, keyFile }) => [pathFile, keyFile]),
    ...Object.values(manifest.pending).map(({ keyFile }) => keyFile),
    ...manifest.pins.map(({ certificateFile }) => certificateFile),
    ...(manifest.revocationLists ?? []).map(({ file }) => file),
    ...(manifest.manufacturers ?? []).map(({ certificateFile }) => certificateFile),
    ...(manifest.lscAuthorities ?? []).map(({ certificateFile }) => certificateFile),
    manifest.recordSigner.keyFile,
    ...(manifest.secretKey === undefined ? [] : [manifest.secretKey.keyFile]),
  ]);
}

/**
 * Reads the manifest of a cluster's folder.
 *
 * @throws {PkiError} pki.store-damaged, pki.store-newer
 */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST_FILE);
  const value = await readJson(path);
  const schema = isRecord(value) ? value['schema'] : undefined;
  if (typeof schema === 'number' && schema > SCHEMA) {
    throw new PkiError(
      'pki.store-newer',
      `${path} was written by a newer Trustline (schema ${schema}, here ${SCHEMA})`,
      {
        nextStep: 'Run the newer version, or restore a backup made with this one.',
      },
    );
  }
  if (!isManifest(value)) throw damaged(path, 'its contents are not those of a manifest');
  return value;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw damaged(path, 'it is missing, unreadable or no JSON');
  }
}

function damaged(path: string, why: string): PkiError {
  return new PkiError('pki.store-damaged', `${path}: ${why}`, {
    nextStep: 'Restore the whole folder from a backup. Do not delete it: it holds the keys that phones believe.',
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';

/** A plain name inside the folder: never a path out of it. */
const isFileName = (value: unknown): boolean => isText(value) && /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(value);
const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isItem);

const isStored = (value: unknown): boolean =>
  isRecord(value) &&
  isFileName(value['pathFile']) &&
  isFileName(value['keyFile']) &&
  (value['origin'] === 'generated' || value['origin'] === 'imported');

const isByRole = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  isRecord(value) && Object.entries(value).every(([role, item]) => Object.hasOwn(profiles, role) && isItem(item));

const isNames = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['cluster']) &&
  isListOf(value['hosts'], isText) &&
  isListOf(value['addresses'], isText) &&
  isListOf(value['domains'], isText);

const isAuthority = (value: unknown): boolean =>
  isRecord(value) && isText(value['fingerprint']) && isFileName(value['certificateFile']);

function isManifest(value: unknown): value is Manifest {
  return (
    isRecord(value) &&
    value['schema'] === SCHEMA &&
    isNames(value['names']) &&
    (value['securityMode'] === 'mixed' || value['securityMode'] === 'non-secure') &&
    [undefined, 'lab', 'production'].includes(value['kind'] as undefined) &&
    [undefined, true, false].includes(value['tokenTrust'] as undefined) &&
    isListOf(value['registrationProofs'], (proof) => proof === 'LSC' || proof === 'MIC' || proof === 'pinned') &&
    isByRole(value['certificates'], isStored) &&
    isListOf(
      value['replaced'],
      (one) => isStored(one) && isRecord(one) && isText(one['role']) && Object.hasOwn(profiles, one['role']),
    ) &&
    (value['staged'] === undefined || isByRole(value['staged'], isStored)) &&
    isByRole(value['pending'], (one) => isRecord(one) && isFileName(one['keyFile'])) &&
    isRecord(value['recordSigner']) &&
    isFileName(value['recordSigner']['keyFile']) &&
    (value['secretKey'] === undefined || (isRecord(value['secretKey']) && isFileName(value['secretKey']['keyFile']))) &&
    isListOf(
      value['pins'],
      (pin) =>
        isRecord(pin) &&
        isText(pin['device']) &&
        isText(pin['fingerprint']) &&
        isFileName(pin['certificateFile']) &&
        (pin['means'] === undefined || pin['means'] === 'LSC'),
    ) &&
    isListOf(
      value['revocations'],
      (one) =>
        isRecord(one) &&
        isText(one['issuerHash']) &&
        isText(one['serialNumber']) &&
        isText(one['reason']) &&
        typeof one['at'] === 'number' &&
        (one['code'] === undefined || Object.hasOwn(revocationReasons, String(one['code']))),
    ) &&
    isListOf(value['revocationLists'] ?? [], (one) => isRecord(one) && isFileName(one['file'])) &&
    isListOf(value['manufacturers'] ?? [], isAuthority) &&
    isListOf(value['lscAuthorities'] ?? [], isAuthority)
  );
}
