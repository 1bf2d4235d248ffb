import { parameterValue } from './grammar.ts';
import { type SipUri, type TelUri, type Uri, unescapeUri } from './uri.ts';

/** These are never ignored when one URI has them and the other has not (RFC 3261 §19.1.4). */
const SIGNIFICANT_PARAMETERS = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Whether two URIs are equivalent: RFC 3261 §19.1.4 for SIP, RFC 3966 §4 for telephone numbers, text for others. */
export function equalUris(a: Uri, b: Uri): boolean {
  if (a.kind === 'sip') return b.kind === 'sip' && equalSipUris(a, b);
  if (a.kind === 'tel') return b.kind === 'tel' && equalTelUris(a, b);
  return b.kind === 'other' && a.scheme === b.scheme && a.text === b.text;
}

function equalSipUris(a: SipUri, b: SipUri): boolean {
  return (
    a.secure === b.secure && // a SIP and a SIPS URI are never equivalent
    equalEscaped(a.user, b.user) && // userinfo: case counts
    equalEscaped(a.password, b.password) &&
    a.host.toLowerCase() === b.host.toLowerCase() &&
    a.port === b.port && // an omitted port is not equal to the default one
    equalParameters(a, b) &&
    equalHeaders(a, b)
  );
}

/** Escaped and unescaped characters are equal, except where escaping is what keeps them apart from a delimiter. */
function equalEscaped(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && normalizeEscapes(a) === normalizeEscapes(b);
}

/** Reserved characters (RFC 3261 §25.1) mean something else unescaped than escaped, so those escapes stay. */
function normalizeEscapes(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character !== '%') {
      out += character;
      continue;
    }
    const escaped = text.slice(i, i + 3);
    const plain = unescapeUri(escaped);
    out +=
      plain.length === 1 && plain > ' ' && plain < '\x7f' && !';/?:@&=+$,%'.includes(plain)
        ? plain
        : escaped.toUpperCase();
    i += 2;
  }
  return out;
}

function equalParameters(a: SipUri, b: SipUri): boolean {
  for (const name of SIGNIFICANT_PARAMETERS) {
    if ((parameterValue(a.parameters, name) === undefined) !== (parameterValue(b.parameters, name) === undefined))
      return false;
  }
  for (const { name, value } of a.parameters) {
    const other = parameterValue(b.parameters, unescapeUri(name));
    if (other !== undefined && normalizeEscapes(other).toLowerCase() !== normalizeEscapes(value ?? '').toLowerCase())
      return false;
  }
  return true;
}

/** Headers are never ignored: each MUST be in both URIs, with the same value. */
function equalHeaders(a: SipUri, b: SipUri): boolean {
  if (a.headers.length !== b.headers.length) return false;
  const key = ({ name, value }: { name: string; value: string }) =>
    `${unescapeUri(name).toLowerCase()}=${unescapeUri(value)}`;
  const left = a.headers.map(key).sort();
  const right = b.headers.map(key).sort();
  return left.every((header, i) => header === right[i]);
}

/** RFC 3966 §4: visual separators do not count, parameters count in any order and without case. */
function equalTelUris(a: TelUri, b: TelUri): boolean {
  if (bareNumber(a.number) !== bareNumber(b.number) || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every(({ name, value }) => {
    const other = parameterValue(b.parameters, name);
    return other !== undefined && bareNumber(other) === bareNumber(value ?? '');
  });
}

/** A telephone number without its visual separators. */
export function bareNumber(number: string): string {
  let out = '';
  for (const character of number) if (!'-.()'.includes(character)) out += character;
  return out.toLowerCase();
}
