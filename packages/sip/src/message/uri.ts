import { HeaderReader, isAlphaCode, isDigitCode, type SipParameter } from './grammar.ts';
import { formatHost, readHostPort } from './host.ts';
import { remembered } from './remembered.ts';

/** RFC 3261 §19.1. Escapes are kept as they stood; `unescapeUri` removes them. */
export interface SipUri {
  readonly kind: 'sip';
  /** True for `sips:`. */
  readonly secure: boolean;
  /** The userinfo before a colon, still escaped; it may hold `;` and `?`, for instance a telephone-subscriber. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** A name, or an IP address without brackets, as it was spelled. */
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: readonly SipParameter[];
  readonly headers: readonly SipUriHeader[];
}

/** A header that a SIP URI asks to put into the request; both sides still escaped. */
export interface SipUriHeader {
  readonly name: string;
  readonly value: string;
}

/** RFC 3966. */
export interface TelUri {
  readonly kind: 'tel';
  /** With its visual separators and, where global, its `+`. */
  readonly number: string;
  readonly parameters: readonly SipParameter[];
}

/** Any other scheme; what follows the colon is opaque. */
export interface OtherUri {
  readonly kind: 'other';
  readonly scheme: string;
  readonly text: string;
}

export type Uri = SipUri | TelUri | OtherUri;

/** What a URI may never hold wherever it stands: white space, controls, and the characters that end it in a header. */
function isUriCode(code: number): boolean {
  return code > 32 && code !== 127 && code !== 34 && code !== 60 && code !== 62; // " < >
}

/** The least that any URI has: a scheme, a colon, something, and nothing that would end it early. */
export function isUriText(text: string): boolean {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1 || !isAlphaCode(text.charCodeAt(0))) return false;
  for (let i = 1; i < colon; i++) {
    const code = text.charCodeAt(i);
    if (!isAlphaCode(code) && !isDigitCode(code) && code !== 43 && code !== 45 && code !== 46) return false; // + - .
  }
  for (let i = colon + 1; i < text.length; i++) if (!isUriCode(text.charCodeAt(i))) return false;
  return true;
}

/** Reads a URI; undefined if it is malformed for its scheme. */
export const parseUri: (text: string) => Uri | undefined = remembered(readUri);

function readUri(text: string): Uri | undefined {
  if (!isUriText(text)) return undefined;
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon).toLowerCase();
  const rest = text.slice(colon + 1);
  if (scheme === 'sip' || scheme === 'sips') return parseSipRest(scheme === 'sips', rest);
  if (scheme === 'tel') return parseTelRest(rest);
  return { kind: 'other', scheme, text: rest };
}

/** The URI if it is `sip:` or `sips:` and well-formed. */
export function parseSipUri(text: string): SipUri | undefined {
  const uri = parseUri(text);
  return uri?.kind === 'sip' ? uri : undefined;
}

function parseSipRest(secure: boolean, rest: string): SipUri | undefined {
  // The user part may hold ; ? / and more, but never an unescaped @: what precedes the first one is userinfo.
  const at = rest.indexOf('@');
  let user: string | undefined;
  let password: string | undefined;
  if (at >= 0) {
    const userinfo = rest.slice(0, at);
    const separator = userinfo.indexOf(':');
    user = separator < 0 ? userinfo : userinfo.slice(0, separator);
    password = separator < 0 ? undefined : userinfo.slice(separator + 1);
    if (user === '' || !isEscaped(user, USER) || !isEscaped(password ?? '', PASSWORD)) return undefined;
  }
  const reader = new HeaderReader(rest, at + 1);
  const hostPort = readHostPort(reader);
  if (hostPort === undefined) return undefined;
  const question = rest.indexOf('?', reader.position);
  const parameterText = question < 0 ? rest.slice(reader.position) : rest.slice(reader.position, question);
  const parameters = parseUriParameters(parameterText);
  if (parameters === undefined) return undefined;
  const headers = question < 0 ? [] : parseUriHeaders(rest.slice(question + 1));
  if (headers === undefined) return undefined;
  return { kind: 'sip', secure, user, password, host: hostPort.host, port: hostPort.port, parameters, headers };
}

const UNRESERVED = "-_.!~*'()";
const USER = `${UNRESERVED}&=+$,;?/`;
const PASSWORD = `${UNRESERVED}&=+$,`;
const PARAMETER = `${UNRESERVED}[]/:&+$`;
const HEADER = `${UNRESERVED}[]/?:+$`;

/** Letters, digits, escapes and the characters in `allowed`. */
function isEscaped(text: string, allowed: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isAlphaCode(code) || isDigitCode(code)) continue;
    if (code === 37) {
      if (hexPair(text, i + 1) < 0) return false;
      i += 2;
    } else if (!allowed.includes(text.charAt(i))) return false;
  }
  return true;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The octet of two hexadecimal digits, negative if they are none. */
function hexPair(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function parseUriParameters(text: string): readonly SipParameter[] | undefined {
  if (text === '') return [];
  if (!text.startsWith(';')) return undefined;
  const out: SipParameter[] = [];
  for (const part of text.slice(1).split(';')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? undefined : part.slice(equals + 1);
    if (name === '' || value === '' || !isEscaped(name, PARAMETER) || !isEscaped(value ?? '', PARAMETER))
      return undefined;
    // RFC 3261 §19.1.1: any given parameter name MUST NOT appear more than once.
    if (out.some((other) => sameText(other.name, name))) return undefined;
    out.push({ name, value });
  }
  return out;
}

function parseUriHeaders(text: string): readonly SipUriHeader[] | undefined {
  const out: SipUriHeader[] = [];
  for (const part of text.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 1) return undefined;
    const name = part.slice(0, equals);
    const value = part.slice(equals + 1);
    if (!isEscaped(name, HEADER) || !isEscaped(value, HEADER)) return undefined;
    out.push({ name, value });
  }
  return out;
}

/** RFC 3966 §3: digits and visual separators; a global number starts with `+`, a local one may hold `*`, `#` and A–F. */
function parseTelRest(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(';');
  const number = semicolon < 0 ? rest : rest.slice(0, semicolon);
  const global = number.startsWith('+');
  let digits = 0;
  for (let i = global ? 1 : 0; i < number.length; i++) {
    const character = number.charAt(i);
    if ('-.()'.includes(character)) continue;
    if (!(global ? '0123456789' : '0123456789ABCDEFabcdef*#').includes(character)) return undefined;
    digits++;
  }
  if (digits === 0) return undefined;
  const parameters = parseUriParameters(semicolon < 0 ? '' : rest.slice(semicolon));
  return parameters === undefined ? undefined : { kind: 'tel', number, parameters };
}

export function formatUri(uri: Uri): string {
  if (uri.kind === 'other') return `${uri.scheme}:${uri.text}`;
  let parameters = '';
  for (const { name, value } of uri.parameters) parameters += value === undefined ? `;${name}` : `;${name}=${value}`;
  if (uri.kind === 'tel') return `tel:${uri.number}${parameters}`;
  const password = uri.password === undefined ? '' : `:${uri.password}`;
  const userinfo = uri.user === undefined ? '' : `${uri.user}${password}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers.map(({ name, value }) => `${name}=${value}`).join('&');
  return `${uri.secure ? 'sips' : 'sip'}:${userinfo}${formatHost(uri.host)}${port}${parameters}${headers === '' ? '' : `?${headers}`}`;
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
const UTF8_BYTES = new TextEncoder();

/** Text with its %-escapes replaced; octets that are not UTF-8 become U+FFFD. A `%` that escapes nothing stays. */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  const bytes: number[] = [];
  for (let i = 0; i < text.length; ) {
    const octet = text.charAt(i) === '%' ? hexPair(text, i + 1) : -1;
    if (octet >= 0) {
      bytes.push(octet);
      i += 3;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(i) ?? 0xfffd);
    bytes.push(...UTF8_BYTES.encode(character));
    i += character.length;
  }
  return UTF8.decode(Uint8Array.from(bytes));
}

/** Text as the user part of a SIP URI, with everything escaped that may not stand there. */
export function escapeUser(text: string): string {
  return escaped(text, USER);
}

function escaped(text: string, allowed: string): string {
  if (isAlphanumeric(text)) return text; // as nearly every number is
  let out = '';
  for (const octet of UTF8_BYTES.encode(text)) {
    const plain =
      octet < 128 && (isAlphaCode(octet) || isDigitCode(octet) || allowed.includes(String.fromCharCode(octet)));
    out += plain ? String.fromCharCode(octet) : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function isAlphanumeric(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (!isAlphaCode(code) && !isDigitCode(code)) return false;
  }
  return true;
}

/** Text as the value of a header within a SIP URI, with everything escaped that may not stand there (RFC 3261 §19.1.2). */
export function escapeHeader(text: string): string {
  return escaped(text, UNRESERVED);
}

function sameText(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}
