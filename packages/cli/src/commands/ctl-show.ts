import {
  describeRole,
  displayedHashes,
  type FormatVersion,
  PkiError,
  readCertificate,
  type TrustRecord,
  verifyTrustList,
} from '@trustline/pki';
import { json, printable, type Terminal, table } from '../terminal.ts';
import { CTL_SCHEMA, describeSeconds, type ListFile, readListFile } from './ctl-file.ts';

/** Shows a list as it stands, in order or not; `ctl verify` is the command that judges. */
export function showList(path: string, options: { readonly json?: true }, terminal: Terminal): void {
  const file = readListFile(path);
  terminal.out(options.json ? json(jsonOf(file)) : textOf(file));
}

function jsonOf({ path, octets, list, layout, kind }: ListFile) {
  const { header } = list;
  return {
    schema: CTL_SCHEMA,
    node: null,
    file: path,
    kind,
    verified: verifyTrustList(octets).ok,
    length: octets.byteLength,
    ...displayedHashes(octets),
    version: version(header.version),
    signerVersion: version(header.signerVersion),
    headerLength: layout.headerLength,
    fileName: header.fileName,
    timestamp: header.timestamp ?? null,
    digest: header.digest,
    signer: header.signer,
    records: list.records.map((record, index) => ({
      offset: layout.records[index]?.offset,
      role: describeRole(record.role),
      roleNumber: record.role,
      dnsName: record.dnsName ?? null,
      ipAddress: record.ipAddress ?? null,
      subject: record.subject ?? null,
      issuer: record.issuer ?? null,
      serialNumber: record.serialNumber ?? null,
      certificate: certificateOf(record),
    })),
  };
}

function certificateOf({ certificate }: TrustRecord) {
  if (certificate === undefined) return null;
  try {
    const { fingerprint, notBefore, notAfter } = readCertificate(certificate);
    return { fingerprint, notBefore: new Date(notBefore).toISOString(), notAfter: new Date(notAfter).toISOString() };
  } catch (error) {
    if (error instanceof PkiError) return { error: error.message };
    throw error;
  }
}

function version(of: FormatVersion | undefined): string | null {
  return of === undefined ? null : `${of.major}.${of.minor}`;
}

function textOf({ octets, list, layout, kind }: ListFile): string {
  const { header } = list;
  const verified = verifyTrustList(octets);
  const hashes = displayedHashes(octets);
  const lines = [
    `${kind} ${header.fileName}, version ${version(header.version)}, signer version ${version(header.signerVersion) ?? 'none'}`,
    `Made ${describeSeconds(header.timestamp)}, ${octets.byteLength} octets, ${list.records.length} records`,
    `Signed with ${header.digest} by ${header.signer.name}, serial number ${header.signer.serialNumber}`,
    verified.ok ? 'Verified.' : `NOT verified: rule ${verified.rule}, offset ${verified.offset}: ${verified.message}`,
    `MD5 ${hashes.md5}`,
    `SHA-1 ${hashes.sha1}`,
  ];
  const rows = list.records.map((record, index) => [
    String(layout.records[index]?.offset),
    describeRole(record.role),
    record.dnsName ?? record.ipAddress ?? '',
    record.subject ?? '(no certificate: reached in the clear)',
    record.serialNumber ?? '',
    untilOf(record),
  ]);
  const head = ['OFFSET', 'ROLE', 'HOST', 'SUBJECT', 'SERIAL NUMBER', 'UNTIL'];
  return `${lines.map((line) => `${printable(line)}\n`).join('')}\n${table(head, rows)}`;
}

function untilOf(record: TrustRecord): string {
  const certificate = certificateOf(record);
  if (certificate === null) return '';
  return 'error' in certificate ? 'unreadable' : certificate.notAfter.slice(0, 10);
}
