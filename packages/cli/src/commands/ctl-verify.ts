import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  certificatesFor,
  describeRole,
  type FileReject,
  type SignedFile,
  type TrustList,
  type TrustListLayout,
  type VerifiedSignedFile,
  type VerifiedTrustList,
  verifySignedFile,
  verifyTrustList,
} from '@trustline/pki';
import { exitCodes } from '../exit-codes.ts';
import { json, printable, type Terminal } from '../terminal.ts';
import { CTL_SCHEMA, describeSeconds, readListFile } from './ctl-file.ts';

interface VerifyOptions {
  readonly list?: readonly string[];
  readonly json?: true;
}

/** Exit code 0 when the file is in order, 1 when it is not. */
export function verifyFile(path: string, { list: lists, json: asJson }: VerifyOptions, terminal: Terminal): void {
  const octets = new Uint8Array(readFileSync(path));
  const verified = /\.sgn$/.test(path) ? verifySigned(path, octets, lists ?? []) : verifyTrustList(octets);
  if (!verified.ok) terminal.exitCode = exitCodes.failed;
  if (asJson) {
    const verdict = verified.ok ? { signer: verified.signer.subject } : withoutOk(verified);
    terminal.out(json({ schema: CTL_SCHEMA, node: null, file: path, verified: verified.ok, ...verdict }));
  } else if (verified.ok) terminal.out(describe(path, octets, verified));
  else {
    const { rule, offset, message } = verified;
    terminal.error(`${path}: NOT verified: rule ${rule}, offset ${offset}: ${printable(message)}\n`);
    terminal.error(`  next: ${nextStep(verified)}\n`);
  }
}

/** The lists are believed here as they are given: whoever gives them says so. */
function verifySigned(path: string, octets: Uint8Array, files: readonly string[]): VerifiedSignedFile {
  const lists = files.map((file) => readListFile(file).list);
  const signers = lists.flatMap((list) => certificatesFor({ ctl: list, itl: undefined }, 'TFTP'));
  return verifySignedFile(octets, signers, basename(path));
}

function withoutOk({ rule, offset, message }: FileReject) {
  return { rule, offset, message };
}

function nextStep({ rule }: FileReject): string {
  switch (rule) {
    case 'signer-unknown':
      return 'Name the lists that phones hold: --list CTLFile.tlv ITLFile.tlv';
    case 'file-name':
      return 'A phone takes a file under the name inside it only. Rename it back, or sign it under its new name.';
    case 'signature':
      return 'The file is not as it was signed. Fetch it again; if it stays so, sign it anew and ask who changed it.';
    case 'signer-missing':
      return 'Sign with a token whose certificate is in the list as SAST, or add it.';
    default:
      return 'Fetch the file again in binary mode; if it stays so, make it anew.';
  }
}

function describe(
  path: string,
  octets: Uint8Array,
  verified: Extract<VerifiedTrustList | VerifiedSignedFile, { readonly ok: true }>,
): string {
  const { header } = 'list' in verified ? verified.list : verified.file;
  const { layout, signer } = verified;
  const { signature, headerLength } = layout;
  const lines = [
    `${path}: verified, ${octets.byteLength} octets`,
    `  offset 0: header of ${headerLength} octets, version ${header.version.major}.${header.version.minor}, ${header.fileName}, ${describeSeconds(header.timestamp)}`,
    `  offset ${signature.offset}: signature with ${header.digest}, made by ${signer.subject}`,
    ...('list' in verified ? records(verified.list, verified.layout) : payload(verified.file, headerLength)),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function records(list: TrustList, layout: TrustListLayout): readonly string[] {
  return list.records.map((record, index) => {
    const owner = record.subject ?? record.dnsName ?? record.ipAddress ?? 'unnamed';
    const what = record.certificate === undefined ? 'without certificate' : 'certificate, serial number and key agree';
    return `  offset ${layout.records[index]?.offset}: ${describeRole(record.role)}, ${owner}, ${what}`;
  });
}

function payload({ header, payload: octets }: SignedFile, offset: number): readonly string[] {
  const what = header.encryption === undefined ? 'plain' : 'encrypted to one phone';
  return [`  offset ${offset}: ${octets.byteLength} octets, ${what}`];
}
