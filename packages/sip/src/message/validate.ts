import { parseAuthentication } from './authentication.ts';
import type { MessageErrorCode } from './codes.ts';
import { isCallId } from './grammar.ts';
import { headerValue, headerValues } from './headers.ts';
import { parseMediaType } from './media-type.ts';
import { addresses, contacts, from, to } from './name-addr.ts';
import { failure, type ParseFailure } from './parse.ts';
import { tokens } from './tokens.ts';
import type { SipMessage } from './types.ts';
import { isUriText, parseUri } from './uri.ts';
import { vias } from './via.ts';

/** Schemes a request may be addressed to; others are answered 416 (RFC 3261 §8.2.2.1). */
const REQUEST_URI_SCHEMES: ReadonlySet<string> = new Set(['sip', 'sips', 'tel']);

/**
 * Reads every header that decides where a message goes and whose it is, which `parseDatagram` and
 * `StreamParser` leave unread: a server asks this once for each message, before it believes any of them.
 * Undefined if they are all well-formed. A response that fails is dropped, a request answered where possible.
 */
export function validateMessage(message: SipMessage): ParseFailure | undefined {
  const name = firstMalformed(message);
  if (name !== undefined) return refusal('sip.bad-header', `${name} is malformed`, message);
  if (message.kind === 'response') return undefined;
  const { uri } = message;
  const scheme = uri.slice(0, Math.max(uri.indexOf(':'), 0)).toLowerCase();
  if (!isUriText(uri)) return refusal('sip.bad-uri', 'The Request-URI is malformed', message);
  if (!REQUEST_URI_SCHEMES.has(scheme)) {
    return refusal('sip.unsupported-uri-scheme', `Requests to ${JSON.stringify(scheme)} are not understood`, message);
  }
  const parsed = parseUri(uri);
  // RFC 3261 §19.1.1: headers MUST NOT stand in a Request-URI; they would write into the request we forward.
  if (parsed === undefined || (parsed.kind === 'sip' && parsed.headers.length > 0))
    return refusal('sip.bad-uri', 'The Request-URI is malformed', message);
  return undefined;
}

function refusal(code: MessageErrorCode, text: string, message: SipMessage): ParseFailure {
  return failure(code, text, 0, message);
}

const ADDRESS_LISTS = ['Route', 'Record-Route', 'Path', 'Service-Route', 'P-Asserted-Identity', 'P-Preferred-Identity'];
const ADDRESSES = ['Reply-To', 'Refer-To', 'Referred-By'];
const TOKEN_LISTS = ['Require', 'Proxy-Require', 'Supported', 'Allow'];
const AUTHENTICATIONS = ['Authorization', 'Proxy-Authorization', 'WWW-Authenticate', 'Proxy-Authenticate'];

/** The name of a header that cannot be read, if there is one. */
function firstMalformed(message: SipMessage): string | undefined {
  if (vias(message) === undefined) return 'Via';
  if (from(message) === undefined) return 'From';
  if (to(message) === undefined) return 'To';
  if (!isCallId(headerValue(message, 'Call-ID') ?? '')) return 'Call-ID';
  if (contacts(message) === undefined) return 'Contact';
  const type = headerValue(message, 'Content-Type');
  if (type !== undefined && parseMediaType(type) === undefined) return 'Content-Type';
  return (
    ADDRESS_LISTS.find((name) => addresses(message, name) === undefined) ??
    ADDRESSES.find((name) => (addresses(message, name)?.length ?? 2) > 1) ??
    TOKEN_LISTS.find((name) => tokens(message, name) === undefined) ??
    AUTHENTICATIONS.find((name) =>
      headerValues(message, name).some((value) => parseAuthentication(value) === undefined),
    )
  );
}
