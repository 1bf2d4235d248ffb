import type { MessageErrorCode } from './codes.ts';
import { isCallId } from './grammar.ts';
import { HEADER_COUNT, knownHeader } from './header-names.ts';
import { parseMediaType } from './media-type.ts';
import { parseNameAddr, parseNameAddrs } from './name-addr.ts';
import { failure, type ParseFailure } from './parse.ts';
import { isTokenList } from './tokens.ts';
import type { SipMessage } from './types.ts';
import { parseUri } from './uri.ts';
import { parseVia } from './via.ts';

/**
 * Reads every header that decides where a message goes and whose it is (credentials aside, which `digest` judges), which `parseDatagram` and
 * `StreamParser` leave unread: a server asks this once for each message, before it believes any of them.
 * Undefined if they are all well-formed. A response that fails is dropped, a request answered where possible.
 */
export function validateMessage(message: SipMessage): ParseFailure | undefined {
  const name = firstMalformed(message);
  if (name !== undefined) return refusal('sip.bad-header', `${name} is malformed`, message);
  if (message.kind === 'response') return undefined;
  const parsed = parseUri(message.uri);
  // RFC 3261 §8.2.2.1: a scheme other than sip, sips and tel is answered 416.
  if (parsed?.kind === 'other') {
    const said = `Requests to ${JSON.stringify(parsed.scheme)} are not understood`;
    return refusal('sip.unsupported-uri-scheme', said, message);
  }
  // RFC 3261 §19.1.1: headers MUST NOT stand in a Request-URI; they would write into the request we forward.
  if (parsed === undefined || (parsed.kind === 'sip' && parsed.headers.length > 0))
    return refusal('sip.bad-uri', 'The Request-URI is malformed', message);
  return undefined;
}

function refusal(code: MessageErrorCode, text: string, message: SipMessage): ParseFailure {
  return failure(code, text, 0, message);
}

const isAddress = (value: string) => parseNameAddr(value) !== undefined;
const isAddressList = (value: string) => parseNameAddrs(value) !== undefined;

const CHECKS: readonly (((value: string) => boolean) | undefined)[] = byHeader([
  ['Via', (value: string) => parseVia(value) !== undefined],
  ['From', isAddress],
  ['To', isAddress],
  ['Call-ID', isCallId],
  ['Contact', (value: string) => value === '*' || isAddressList(value)],
  ['Content-Type', (value: string) => parseMediaType(value) !== undefined],
  ...['Reply-To', 'Refer-To', 'Referred-By'].map((name) => [name, isAddress] as const),
  ...['Route', 'Record-Route', 'Path', 'Service-Route', 'P-Asserted-Identity', 'P-Preferred-Identity'].map(
    (name) => [name, isAddressList] as const,
  ),
  ...['Require', 'Proxy-Require'].map((name) => [name, isTokenList] as const),
]);

/** At the index of its header each. */
function byHeader<T>(entries: readonly (readonly [name: string, value: T])[]): readonly (T | undefined)[] {
  const table = new Array<T | undefined>(HEADER_COUNT).fill(undefined);
  for (const [name, value] of entries) {
    const index = knownHeader(name)?.index;
    if (index !== undefined) table[index] = value;
  }
  return table;
}

/** The name of a header that cannot be read, if there is one. */
function firstMalformed(message: SipMessage): string | undefined {
  let contactLines = 0;
  let standsForAll = false;
  for (const { name, value } of message.headers) {
    const known = knownHeader(name);
    const isWellFormed = known === undefined ? undefined : CHECKS[known.index];
    if (isWellFormed === undefined) continue;
    if (!isWellFormed(value)) return name;
    if (name !== 'Contact') continue;
    contactLines++;
    standsForAll ||= value === '*';
  }
  // RFC 3261 §10.2.2: `*` stands alone, else it would remove what another line binds.
  return standsForAll && contactLines > 1 ? 'Contact' : undefined;
}
