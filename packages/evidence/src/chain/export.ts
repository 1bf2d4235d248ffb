/**
 * The export of a chain: JSON Lines in UTF-8. The first line is the header, every further line one entry in its
 * canonical form (RFC 8785), each line ended by LF. It can be verified anywhere, without the manager.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { canonicalJson, isJsonObject, type JsonObject } from './canonical.ts';
import { CHAIN_SCHEMA, type ChainEntry, exportPublicKey } from './entry.ts';
import type { ChainHead } from './head.ts';
import { type ChainBreak, type ChainVerdict, ChainVerifier } from './verify.ts';

/** The longest line that is read, in characters: far above any entry, so that a hostile file is not kept in memory. */
export const MAXIMUM_LINE_LENGTH = 1_048_576;

export function exportHeaderLine(header: {
  readonly publicKey: KeyObject;
  readonly node: string;
  readonly at: string;
}): string {
  const { publicKey, node, at } = header;
  const fields = { trustline: 'evidence', schema: CHAIN_SCHEMA, publicKey: exportPublicKey(publicKey), node, at };
  return `${canonicalJson(fields)}\n`;
}

export function exportEntryLine(entry: ChainEntry): string {
  return `${canonicalJson({ ...entry })}\n`;
}

export interface ExportTrust {
  /** The key that is known to be the manager's. Without it, the verdict is that the export is whole, not whose it is. */
  readonly publicKey?: KeyObject;
  /** A head that was kept elsewhere. */
  readonly head?: ChainHead;
}

/** Verifies an export as it streams by, keeping none of it: push chunks of any size, then finish. */
export class ExportVerifier {
  readonly #trust: ExportTrust;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #rest = '';
  #verifier: ChainVerifier | undefined;
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

  finish(): ChainVerdict {
    if (this.#break === undefined && !this.#endsWithLine()) this.#line(undefined);
    return this.#break ?? this.#verifier?.finish() ?? malformed('The export is empty.');
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
    if (this.#verifier === undefined) {
      const key = line === undefined ? undefined : headerKey(line);
      if (key === undefined) this.#break = malformed('The first line is not the header of an export of evidence.');
      else if (isOtherKey(key, this.#trust.publicKey)) this.#break = otherKey();
      else this.#verifier = new ChainVerifier(key, this.#trust.head);
      return this.#break;
    }
    const entry = line === undefined ? undefined : parseLine(line);
    // A second spelling of the same entry (spaces, order, doubled names) is not what was exported.
    const isCanonical = entry !== undefined && canonicalOrUndefined(entry) === line;
    this.#break = this.#verifier.add(isCanonical ? entry : undefined);
    return this.#break;
  }
}

/** Verifies an export from an array or a stream of chunks. */
export async function verifyExport(
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  trust: ExportTrust = {},
): Promise<ChainVerdict> {
  const verifier = new ExportVerifier(trust);
  for await (const chunk of chunks) if (verifier.push(chunk) !== undefined) break;
  return verifier.finish();
}

/** The public key that an export's first line names, for showing its fingerprint; undefined when it is no header. */
export function headerKey(line: string): KeyObject | undefined {
  const header = parseLine(line);
  if (header?.['trustline'] !== 'evidence' || header['schema'] !== CHAIN_SCHEMA) return undefined;
  if (typeof header['publicKey'] !== 'string') return undefined;
  try {
    const der = Uint8Array.from(atob(header['publicKey']), (character) => character.charCodeAt(0));
    // node:crypto types its DER input as Buffer; it takes any Uint8Array.
    const key = createPublicKey({ key: der as Buffer, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

function parseLine(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function canonicalOrUndefined(value: JsonObject): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
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
