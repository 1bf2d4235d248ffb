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

/**
 * Verifies an export as it streams by, in chunks of any size. Give the public key that is known to be the
 * manager's; with the export's own key alone, the verdict is that it is whole, not whose it is.
 */
export async function verifyExport(
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  { publicKey, head }: { readonly publicKey?: KeyObject; readonly head?: ChainHead } = {},
): Promise<ChainVerdict> {
  let verifier: ChainVerifier | undefined;
  for await (const line of lines(chunks)) {
    if (verifier === undefined) {
      const key = line === undefined ? undefined : headerKey(line);
      if (key === undefined) return malformed('The first line is not the header of an export of evidence.');
      if (publicKey !== undefined && exportPublicKey(publicKey) !== exportPublicKey(key)) {
        const sentence = 'The export names another key than the one it is to be verified with.';
        return { ok: false, index: 0, sequence: 0, rule: 'key', sentence };
      }
      verifier = new ChainVerifier(key, head);
      continue;
    }
    const entry = line === undefined ? undefined : parseLine(line);
    // A second spelling of the same entry (spaces, order, doubled names) is not what was exported.
    const canonical = entry !== undefined && canonicalOrUndefined(entry) === line;
    if (verifier.add(canonical ? entry : undefined) !== undefined) break;
  }
  return verifier?.finish() ?? malformed('The export is empty.');
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

/** Whole lines without their LF; undefined, and then no more, for one that is cut, too long or not UTF-8. */
async function* lines(
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): AsyncGenerator<string | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of chunks) {
    try {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    } catch {
      return yield undefined;
    }
    let start = 0;
    for (let end = rest.indexOf('\n', start); end >= 0; end = rest.indexOf('\n', start)) {
      yield rest.slice(start, end);
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > MAXIMUM_LINE_LENGTH) return yield undefined;
  }
  if (rest !== '') yield undefined;
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
