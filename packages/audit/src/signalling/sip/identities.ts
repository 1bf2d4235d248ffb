import { unescapeUri } from '@trustline/sip';
import { boundedText } from '../bounded-text.ts';
import { parameterOf, readAddress } from './address.ts';
import { type HeardMessage, headerOf, headersOf } from './message.ts';

/** Identities of other legs that one leg keeps: a hostile sender may name a new one in each message. */
export const MOST_RELATED = 64;

/** Headers whose value is the Call-ID of the call that a back-to-back user agent made this one of. */
const callIdHeaders = ['x-call-id', 'x-cid', 'x-callid', 'x-orig-call-id', 'x-originating-call-id', 'x-aleg-call-id'];
/** Headers whose value is the same on all legs of a call, each within its own name. */
const sharedHeaders = [
  'av-global-session-id',
  'x-global-call-id',
  'x-genesys-calluuid',
  'x-broadworks-correlation-info',
  'x-session-id',
];
const dialogueHeaders = ['replaces', 'join', 'target-dialog'];
const EMPTY_SESSION = /^0*$/;
/** All that is looked at, so that most messages cost one look at each header. */
const identityHeaders = new Set([
  ...dialogueHeaders,
  ...callIdHeaders,
  ...sharedHeaders,
  'refer-to',
  'session-id',
  'p-charging-vector',
  'cisco-guid',
]);

/**
 * What a message says of other legs of its call: the dialogues that it replaces, joins or targets (RFC 3891, 3911, 4538),
 * RFC 7989 session identifiers, the charging identifier of P-Charging-Vector (RFC 7315), and headers of known systems.
 * A Call-ID stands as it is; other identities have the name of their space before them.
 */
export function relatedIdentities({ headers }: HeardMessage): readonly string[] {
  const message = { headers: headers.filter(([name]) => identityHeaders.has(name)) };
  const found: string[] = [];
  if (message.headers.length === 0) return found;
  const add = (text: string | undefined) => {
    const bounded = boundedText(text?.trim());
    if (bounded !== undefined) found.push(bounded);
  };
  for (const name of dialogueHeaders) add(headerOf(message, name)?.split(';', 1)[0]);
  const referTo = headerOf(message, 'refer-to');
  if (referTo !== undefined) add(replacesOf(readAddress(referTo).uri));
  for (const name of callIdHeaders) add(headerOf(message, name));
  for (const value of headersOf(message, 'session-id')) for (const one of sessionIdentities(value)) add(one);
  const charging = parameterOf(`;${headerOf(message, 'p-charging-vector') ?? ''}`, 'icid-value');
  if (charging !== undefined) add(`icid:${charging}`);
  const guid = cisco(headerOf(message, 'cisco-guid'));
  if (guid !== undefined) add(guid);
  for (const name of sharedHeaders) {
    const value = headerOf(message, name);
    if (value !== undefined && value !== '') add(`${name}:${value}`);
  }
  return found;
}

/** `<sip:1003@host?Replaces=call%40host%3Bto-tag%3D…>` */
function replacesOf(uri: string): string | undefined {
  const escaped = /[?&]replaces=([^&>]+)/i.exec(uri)?.[1];
  return escaped === undefined ? undefined : unescapeUri(escaped).split(';', 1)[0];
}

/** Both halves of `ab30317f…;remote=47755a9d…`; the one of zeros is nobody's (RFC 7989 §5). */
function sessionIdentities(value: string): readonly string[] {
  const halves = [value.split(';', 1)[0]?.trim() ?? '', parameterOf(value, 'remote') ?? ''];
  return halves.filter((half) => /^[0-9a-f-]{8,64}$/i.test(half) && !EMPTY_SESSION.test(half)).map(sessionName);
}

function sessionName(half: string): string {
  return `session-id:${half.replaceAll('-', '').toLowerCase()}`;
}

/** Cisco gateways write the conference identifier of H.225.0, sixteen octets, as four decimal numbers. */
function cisco(value: string | undefined): string | undefined {
  const numbers = /^(\d{1,10})-(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(value ?? '')?.slice(1);
  if (numbers === undefined || numbers.every((number) => Number(number) === 0)) return undefined;
  return `h225-conference:${numbers.map((number) => (Number(number) >>> 0).toString(16).padStart(8, '0')).join('')}`;
}
