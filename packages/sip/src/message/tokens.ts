import { parseList } from './grammar.ts';
import { headerValues } from './headers.ts';
import type { SipMessage } from './types.ts';

/**
 * Every token over all lines of a list header (Require, Supported, Proxy-Require, Unsupported, Allow,
 * Allow-Events, Content-Encoding): empty if it is absent or empty, undefined if a line is malformed.
 * Option tags and methods are compared as they stand, case included (RFC 3261 §7.3.1 lets only methods
 * differ by case; option tags come from a registry in lower case).
 */
export function headerTokens(message: SipMessage, name: string): readonly string[] | undefined {
  const out: string[] = [];
  for (const value of headerValues(message, name)) {
    const list = parseTokens(value);
    if (list === undefined) return undefined;
    out.push(...list);
  }
  return out;
}

/** `Supported:` and `Allow:` may be empty (RFC 3261 §20.5, §20.37). */
function parseTokens(value: string): readonly string[] | undefined {
  return value === '' ? [] : parseList(value, (reader) => reader.token());
}

export function isTokenList(value: string): boolean {
  return parseTokens(value) !== undefined;
}
