import { type Certificate, readCertificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { sameSerial } from './certificate-fields.ts';
import { describeRole, trustRoles } from './roles.ts';
import type { TrustList, TrustRecord } from './types.ts';

/**
 * What changes from one list to another, a sentence for each: `TFTP certificate of node-2: replaced, expires
 * 2036-11-20`. Nothing for lists that say the same, whatever their order, signature and time.
 */
export function diffTrustLists(before: TrustList | undefined, after: TrustList): readonly string[] {
  const old = [...(before?.records ?? [])];
  const added: TrustRecord[] = [];
  for (const record of after.records) {
    const at = old.findIndex((other) => isSame(other, record));
    if (at >= 0) old.splice(at, 1);
    else added.push(record);
  }
  const sentences: string[] = [];
  for (const record of added) {
    const at = old.findIndex((other) => isSuccessor(other, record));
    const [previous] = at >= 0 ? old.splice(at, 1) : [];
    sentences.push(previous === undefined ? `${what(record)}: added${expiry(record)}` : change(previous, record));
  }
  sentences.push(...old.map((record) => `${what(record)}: removed`));
  return before === undefined ? sentences : [...sentences, ...headerChanges(before, after)];
}

function isSame(one: TrustRecord, other: TrustRecord): boolean {
  return (
    isSuccessor(one, other) &&
    fingerprintOf(one) === fingerprintOf(other) &&
    one.ipAddress === other.ipAddress &&
    (one.certificate === undefined) === (other.certificate === undefined)
  );
}

/** The same place in the cluster: the role, and the host, or where there is none (tokens) the subject. */
function isSuccessor(one: TrustRecord, other: TrustRecord): boolean {
  return one.role === other.role && ownerOf(one) === ownerOf(other);
}

function change(previous: TrustRecord, record: TrustRecord): string {
  if (previous.certificate !== undefined && record.certificate === undefined) {
    return `${what(previous)}: withdrawn, phones reach ${ownerOf(record)} in the clear`;
  }
  if (previous.certificate === undefined && record.certificate !== undefined) {
    return `${what(record)}: added${expiry(record)}, phones reach ${ownerOf(record)} by TLS`;
  }
  if (fingerprintOf(previous) !== fingerprintOf(record)) return `${what(record)}: replaced${expiry(record)}`;
  return `${what(record)}: address ${previous.ipAddress ?? 'unknown'} becomes ${record.ipAddress ?? 'unknown'}`;
}

function headerChanges({ header: before }: TrustList, { header: after }: TrustList): readonly string[] {
  const sentences: string[] = [];
  if (!sameSerial(before.signer.serialNumber, after.signer.serialNumber)) {
    sentences.push(`Signed by ${after.signer.name}, before by ${before.signer.name}`);
  }
  if (before.digest !== after.digest) sentences.push(`Signed with ${after.digest}, before with ${before.digest}`);
  const versions = [before, after].map(({ signerVersion: version }) =>
    version === undefined ? 'none' : `${version.major}.${version.minor}`,
  );
  if (versions[0] !== versions[1]) sentences.push(`Signer version ${versions[1]}, before ${versions[0]}`);
  return sentences;
}

function what(record: TrustRecord): string {
  const kind = record.role === trustRoles.SAST ? 'Security token (SAST)' : `${describeRole(record.role)} certificate`;
  return record.certificate === undefined
    ? `${describeRole(record.role)} entry without certificate of ${ownerOf(record)}`
    : `${kind} of ${ownerOf(record)}`;
}

/** The host where there is one; else the common name, or whatever the record says of itself. */
function ownerOf(record: TrustRecord): string {
  if (record.dnsName !== undefined && record.dnsName !== '') return record.dnsName;
  const [commonName] = certificateOf(record)?.commonNames ?? [];
  return commonName ?? record.subject ?? record.ipAddress ?? 'an unnamed owner';
}

function expiry(record: TrustRecord): string {
  const certificate = certificateOf(record);
  return certificate === undefined ? '' : `, expires ${new Date(certificate.notAfter).toISOString().slice(0, 10)}`;
}

function fingerprintOf(record: TrustRecord): string | undefined {
  return certificateOf(record)?.fingerprint ?? record.serialNumber;
}

function certificateOf({ certificate }: TrustRecord): Certificate | undefined {
  if (certificate === undefined) return undefined;
  try {
    return readCertificate(certificate);
  } catch (error) {
    if (error instanceof PkiError) return undefined; // compared all the same, by what the record says of it
    throw error;
  }
}
