import { readFileSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import {
  type FileReject,
  parseTrustList,
  type TrustList,
  type TrustListKind,
  type TrustListLayout,
} from '@trustline/pki';

/** Version of what the `ctl` commands print as JSON. */
export const CTL_SCHEMA = 1;

/** A trust list out of a file, read but not believed. */
export interface ListFile {
  readonly path: string;
  readonly octets: Uint8Array;
  readonly list: TrustList;
  readonly layout: TrustListLayout;
  readonly kind: TrustListKind;
}

/** @throws {TrustlineError} cli.no-trust-list */
export function readListFile(path: string): ListFile {
  const octets = new Uint8Array(readFileSync(path));
  const read = parseTrustList(octets);
  if (!read.ok) throw notAList(path, read);
  const { list, layout } = read;
  return { path, octets, list, layout, kind: list.header.fileName.startsWith('ITL') ? 'ITL' : 'CTL' };
}

function notAList(path: string, { rule, offset, message }: FileReject): TrustlineError {
  return new TrustlineError('cli.no-trust-list', `${path} is no trust list: ${rule} at offset ${offset}: ${message}`, {
    nextStep: 'Fetch the file again in binary mode, and compare its length with that on the server.',
    offset,
  });
}

/** `2026-11-23 09:01:17 UTC` of seconds since 1970. */
export function describeSeconds(seconds: number | undefined): string {
  return seconds === undefined
    ? 'at a time that it does not say'
    : `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
