import { parameterValue } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import { formatNameAddr, parseNameAddr } from '../message/name-addr.ts';
import type { SipRequest } from '../message/types.ts';
import { escapeHeader, formatUri, parseUri, unescapeUri } from '../message/uri.ts';
import { formatReplaces, parseReplaces, type Replaces } from './replaces.ts';

/** Whom a REFER sends its receiver to (RFC 3515 §2.1). */
export interface ReferTarget {
  /** Without the headers that were in it. */
  readonly uri: string;
  /** The dialog to take over there (RFC 3891), where the URI brings a Replaces header. */
  readonly replaces: Replaces | undefined;
}

/** What a REFER asks for, or why it cannot be understood: the status and words that answer it. */
export type ReferReading =
  | { readonly kind: 'target'; readonly target: ReferTarget }
  | { readonly kind: 'bad'; readonly status: number; readonly reason: string };

/** Reads the Refer-To of a REFER. "A REFER request MUST contain exactly one Refer-To header field value" (RFC 3515 §2.1). */
export function readReferTo(request: SipRequest): ReferReading {
  const address = parseNameAddr(headerValue(request, 'Refer-To') ?? '');
  const uri = address === undefined ? undefined : parseUri(address.uri);
  if (uri === undefined || uri.kind === 'other') return bad(400, 'Bad Request - Refer-To');
  if (uri.kind === 'tel') return { kind: 'target', target: { uri: formatUri(uri), replaces: undefined } };
  // RFC 3515 §2.4.2 leaves methods besides INVITE to what an agent may do; here a REFER is for calls.
  const method = parameterValue(uri.parameters, 'method') ?? 'INVITE';
  if (method.toUpperCase() !== 'INVITE') return bad(501, 'Not Implemented - Refer-To Method');
  const header = uri.headers.find(({ name }) => name.toLowerCase() === 'replaces');
  const replaces = header === undefined ? undefined : parseReplaces(unescapeUri(header.value));
  if (header !== undefined && replaces === undefined) return bad(400, 'Bad Request - Replaces');
  const parameters = uri.parameters.filter(({ name }) => name.toLowerCase() !== 'method');
  return { kind: 'target', target: { uri: formatUri({ ...uri, parameters, headers: [] }), replaces } };
}

/** The value of a Refer-To header; `uri` without headers of its own. */
export function formatReferTo({ uri, replaces }: ReferTarget): string {
  const headers = replaces === undefined ? '' : `?Replaces=${escapeHeader(formatReplaces(replaces))}`;
  return formatNameAddr({ displayName: undefined, uri: `${uri}${headers}`, parameters: [] });
}

function bad(status: number, reason: string): ReferReading {
  return { kind: 'bad', status, reason };
}
