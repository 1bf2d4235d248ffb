/**
 * The export of a chain: JSON Lines in UTF-8. The first line is the header, every further line one entry in its
 * canonical form (RFC 8785), each line ended by LF. It can be verified anywhere, without the manager.
 */
import type { KeyObject } from 'node:crypto';
import { canonicalJson, parseCanonical } from './canonical.ts';
import { type ChainEntry, exportPublicKey } from './entry.ts';
import { type ExportHeader, readHeader } from './export-header.ts';
import type { ChainHead } from './head.ts';
import { type ChainBreak, type ChainHolds, ChainVerifier } from './verify.ts';

/** The longest line that is read, in characters: far above any entry, so that a hostile file is not kept in memory. */
export const MAXIMUM_LINE_LENGTH = 1_048_576;

export function exportEntryLine(entry: ChainEntry): string {
  return `${canonicalJson({ ...entry })}\n`;
}

export interface ExportTrust {
  /** The key that is known to be the manager's. Without it, the verdict is that the export is whole, not whose it is. */
  readonly publicKey?: KeyObject;
  /** A head that was kept elsewhere. */
  readonly head?: ChainHead;
}

export interface ExportHolds extends ChainHolds {
  /** Whether the header is signed too; in an export of schema 1 it is not, and its node and time are but a claim. */
  readonly headerSigned: boolean;
}

export type ExportVerdict = ExportHolds | ChainBreak;

/** Verifies an export as it streams by, keeping none of it: push chunks of any size, then finish. */
export class ExportVerifier {
  readonly #trust: ExportTrust;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #rest = '';
  #verifier: ChainVerifier | undefined;
  #headerSigned = false;
  #break: ChainBreak | undefined;

  constructor(trust: ExportTrust = {}) {
    this.#trust = trust;
  }

  /** Takes the next chunk. Returns the break once there is one; further chunks change nothing. */
  push(chunk: string | Uint8Array): ChainBreak | undefined {
    if (this.#break !== undefined) return this.#break;
    try {
      this.#rest += typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true });
    } catch {
      return this.#line(undefined); // not UTF-8
    }
    let start = 0;
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n', start)) {
      if (this.#line(this.#rest.slice(start, end)) !== undefined) return this.#break;
      start = end + 1;
    }
    this.#rest = this.#rest.slice(start);
    return this.#rest.length > MAXIMUM_LINE_LENGTH ? this.#line(undefined) : undefined;
  }

  finish(): ExportVerdict {
    if (this.#break === undefined && !this.#endsWithLine()) this.#line(undefined);
    const verdict = this.#break ?? this.#verifier?.finish() ?? malformed('The export is empty.');
    return verdict.ok ? { ...verdict, headerSigned: this.#headerSigned } : verdict;
  }

  /** Whether nothing is left over, neither part of a line nor part of a character, which the decoder holds back. */
  #endsWithLine(): boolean {
    try {
      return this.#rest === '' && this.#decoder.decode() === '';
    } catch {
      return false;
    }
  }

  /** Takes a whole line, or undefined for one that cannot be read. */
  #line(line: string | undefined): ChainBreak | undefined {
    if (this.#verifier === undefined) return this.#header(line === undefined ? undefined : readHeader(line));
    // A second spelling of the same entry (spaces, order, doubled names) is not what was exported.
    this.#break = this.#verifier.add(line === undefined ? undefined : parseCanonical(line));
    return this.#break;
  }

  #header(header: ExportHeader | undefined): ChainBreak | undefined {
    if (header === undefined) this.#break = malformed('The first line is not the header of an export of evidence.');
    else if (isOtherKey(header.publicKey, this.#trust.publicKey)) this.#break = otherKey();
    else if (header.signed === 'altered') this.#break = alteredHeader();
    else this.#verifier = new ChainVerifier(header.publicKey, this.#trust.head);
    this.#headerSigned = header?.signed === 'genuine';
    return this.#break;
  }
}

/** Verifies an export from an array or a stream of chunks. */
export async function verifyExport(
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  trust: ExportTrust = {},
): Promise<ExportVerdict> {
  const verifier = new ExportVerifier(trust);
  for await (const chunk of chunks) if (verifier.push(chunk) !== undefined) break;
  return verifier.finish();
}

function malformed(sentence: string): ChainBreak {
  return { ok: false, index: 0, sequence: 0, rule: 'malformed', sentence };
}

function isOtherKey(key: KeyObject, trusted: KeyObject | undefined): boolean {
  return trusted !== undefined && exportPublicKey(trusted) !== exportPublicKey(key);
}

function otherKey(): ChainBreak {
  const sentence = 'The export names another key than the one it is to be verified with.';
  return { ok: false, index: 0, sequence: 0, rule: 'key', sentence };
}

function alteredHeader(): ChainBreak {
  const sentence = 'The header was altered: it is not what was signed with the key that it names.';
  return { ok: false, index: 0, sequence: 0, rule: 'header', sentence };
}
