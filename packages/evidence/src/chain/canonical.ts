import { TrustlineError } from '@trustline/base';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };
export type JsonObject = { readonly [name: string]: JsonValue | undefined };

/** Deeper than anything an entry holds; it bounds recursion over a hostile export. */
const MAXIMUM_DEPTH = 16;
/** A text that is written as it is: ASCII without control characters, quotation marks and backslashes. Most are. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The one text of a JSON value that is hashed and signed (JSON Canonicalization Scheme, RFC 8785): no spaces,
 * names in order of their UTF-16 code units, numbers and strings as ECMAScript writes them. A property that is
 * undefined is absent.
 *
 * @throws {TrustlineError} evidence.not-canonical for what JSON cannot hold: NaN, infinities, lone surrogates
 *   (RFC 8785 §3.2.2), functions, or nesting deeper than any entry's
 */
export function canonicalJson(value: JsonValue, depth = 0): string {
  if (depth > MAXIMUM_DEPTH) throw notCanonical('it nests too deeply');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw notCanonical('a number is not finite');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (PLAIN.test(value)) return `"${value}"`;
    if (!value.isWellFormed()) throw notCanonical('a text holds half a surrogate pair');
    return JSON.stringify(value);
  }
  if (typeof value !== 'object') throw notCanonical(`JSON has no ${typeof value}`);
  if (isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  let members = '';
  for (const name of inOrder(Object.keys(value))) {
    const member = value[name];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${canonicalJson(name)}:${canonicalJson(member, depth + 1)}`;
  }
  return `{${members}}`;
}

/** By UTF-16 code units; names that stand so already, as those of our own making may, cost one look. */
function inOrder(names: string[]): readonly string[] {
  for (let at = 1; at < names.length; at += 1) if ((names[at - 1] ?? '') > (names[at] ?? '')) return names.sort();
  return names;
}

/** Reads a line that is the canonical form of an object; undefined for any other, a second spelling of one included. */
export function parseCanonical(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) && canonicalJson(value) === line ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function notCanonical(why: string): TrustlineError {
  return new TrustlineError('evidence.not-canonical', `This value has no canonical JSON: ${why}.`);
}
