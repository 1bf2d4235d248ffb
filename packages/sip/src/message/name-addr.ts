import {
  formatParameters,
  type HeaderReader,
  isSpaceCode,
  isToken,
  isTokenCode,
  parameterValue,
  parseList,
  parseWhole,
  quote,
  type SipParameter,
  unquote,
} from './grammar.ts';
import { headerValue, headerValues } from './headers.ts';
import { remembered } from './remembered.ts';
import type { SipMessage } from './types.ts';
import { isUriText } from './uri.ts';

/** The shape of From, To, Contact, Route, Record-Route, Path, Refer-To, P-Asserted-Identity and their like. */
export interface NameAddr {
  /** Without quotes and escapes; undefined if there is none. */
  readonly displayName: string | undefined;
  /** The URI as it stood; `parseUri` reads it. */
  readonly uri: string;
  /** Header parameters, those after the closing bracket. */
  readonly parameters: readonly SipParameter[];
}

/** A display name without quotes: tokens and white space. Octets above ASCII are let through, phones send them. */
function isBareDisplayName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!isTokenCode(code) && !isSpaceCode(code) && code < 128) return false;
  }
  return true;
}

function readNameAddr(reader: HeaderReader): NameAddr | undefined {
  let displayName: string | undefined;
  if (reader.peek() === '"') {
    const quoted = reader.quoted();
    if (quoted === undefined) return undefined;
    displayName = unquote(quoted);
    reader.skipSpace();
    if (reader.peek() !== '<') return undefined;
  } else if (reader.peek() !== '<') {
    const start = reader.position;
    const text = reader.until('<;,"');
    if (reader.peek() === '<') {
      if (!isBareDisplayName(text)) return undefined;
      displayName = text;
    } else {
      // RFC 3261 §20: an addr-spec with a comma, semicolon or question mark MUST stand in brackets,
      // so what follows a semicolon here is a header parameter, and a question mark is an error.
      if (!isUriText(text) || text.includes('?')) return undefined;
      reader.position = start + text.length;
      const parameters = reader.parameters();
      return parameters === undefined ? undefined : { displayName: undefined, uri: text, parameters };
    }
  }
  reader.position++;
  const start = reader.position;
  const end = reader.text.indexOf('>', start);
  if (end < 0) return undefined;
  const uri = reader.text.slice(start, end);
  if (!isUriText(uri)) return undefined;
  reader.position = end + 1;
  const parameters = reader.parameters();
  return parameters === undefined ? undefined : { displayName, uri, parameters };
}

/** One address and nothing else, as in From, To, Refer-To. */
export const parseNameAddr: (value: string) => NameAddr | undefined = remembered((value) =>
  parseWhole(value, readNameAddr),
);

/** A comma separated list, as in Contact, Route, Record-Route, Path, P-Asserted-Identity. */
export const parseNameAddrs: (value: string) => readonly NameAddr[] | undefined = remembered((value) =>
  parseList(value, readNameAddr),
);

/** Always with brackets, so that the URI's own parameters stay its own. */
export function formatNameAddr(address: NameAddr): string {
  const { displayName, uri, parameters } = address;
  const name =
    displayName === undefined || displayName === ''
      ? ''
      : `${isToken(displayName) ? displayName : quote(displayName)} `;
  return `${name}<${uri}>${formatParameters(parameters)}`;
}

/** Every address over all lines of a header, top first: empty if absent, undefined if any is malformed. */
export function addresses(message: SipMessage, name: string): readonly NameAddr[] | undefined {
  const out: NameAddr[] = [];
  for (const value of headerValues(message, name)) {
    const list = parseNameAddrs(value);
    if (list === undefined) return undefined;
    out.push(...list);
  }
  return out;
}

/** Contact, where `*` alone stands for every binding (RFC 3261 §10.2.2). */
export function contacts(message: SipMessage): readonly NameAddr[] | 'all' | undefined {
  const values = headerValues(message, 'Contact');
  if (values.length === 1 && values[0] === '*') return 'all';
  return addresses(message, 'Contact');
}

export function fromAddress(message: SipMessage): NameAddr | undefined {
  return parseNameAddr(headerValue(message, 'From') ?? '');
}

export function toAddress(message: SipMessage): NameAddr | undefined {
  return parseNameAddr(headerValue(message, 'To') ?? '');
}

export function fromTag(message: SipMessage): string | undefined {
  return addressTag(fromAddress(message));
}

export function toTag(message: SipMessage): string | undefined {
  return addressTag(toAddress(message));
}

/** The `tag` parameter of a From or To. */
export function addressTag(address: NameAddr | undefined): string | undefined {
  return address === undefined ? undefined : parameterValue(address.parameters, 'tag');
}

/** A From or To value with a tag. A tag that is there stays, and a value that cannot be read is returned as it is. */
export function withTag(value: string, tag: string): string {
  const address = parseNameAddr(value);
  return address === undefined || addressTag(address) !== undefined ? value : `${value};tag=${tag}`;
}
