import { sdesSuiteNamed } from '@trustline/keying';
import {
  attributeValues,
  cseq,
  headerValue,
  mediaDirection,
  parseSdp,
  type SessionDescription,
  type SipMessage,
} from '@trustline/sip';
import { userOf } from '../legs/sip/identity.ts';

/** What a message is, in few words: `INVITE 1002`, `180 Ringing`, `200 OK (BYE)`. */
export function messageWords(message: SipMessage): string {
  if (message.kind === 'request') {
    const user = message.method === 'INVITE' ? userOf(message.uri) : undefined;
    return user === undefined ? message.method : `${message.method} ${user}`;
  }
  const method = cseq(message)?.method ?? 'INVITE';
  const said = `${message.status} ${message.reason}`.trim();
  return method === 'INVITE' ? said : `${said} (${method})`;
}

/** The longest reason that is told of what a far end says, in characters. */
const longestReason = 200;

/**
 * Why, as a refusal or a hang-up says it for people: the text of its Warning (RFC 3261 §20.43) or Reason header (RFC 3326), or
 * what a request says beside the level of the call; undefined where it says nothing.
 */
export function reasonWords(message: SipMessage): string | undefined {
  if (message.kind === 'response' && message.status < 300) return undefined;
  const quoted =
    [headerValue(message, 'Warning'), headerValue(message, 'Reason')]
      .map((value) => /"((?:[^"\\]|\\.)+)"/.exec(value ?? '')?.[1])
      .find((text) => text !== undefined) ?? noticeOf(message);
  return quoted?.replace(/\\(.)/g, '$1').slice(0, longestReason);
}

/** What a phone is told beside the level of its call. */
function noticeOf(message: SipMessage): string | undefined {
  return /;\s*notice="([^"]+)"/.exec(headerValue(message, 'Call-Info') ?? '')?.[1];
}

/** Whether a message asks for a call, answers that or gives it up, be there a call of it or not. */
export function isOfInvitation(message: SipMessage): boolean {
  const method = message.kind === 'request' ? message.method : cseq(message)?.method;
  return method === 'INVITE' || method === 'ACK' || method === 'CANCEL';
}

/** What a message says of media, without its keys: `RTP/SAVP AES_CM_128_HMAC_SHA1_80, sendonly`; undefined for nothing. */
export function mediaWords(message: SipMessage): string | undefined {
  if (message.body.byteLength === 0) return undefined;
  const read = parseSdp(message.body);
  if (!read.ok) return undefined;
  return read.session.media.map((media) => streamWords(read.session, media)).join('; ');
}

function streamWords(session: SessionDescription, media: SessionDescription['media'][number]): string {
  if (media.port === 0) return `${media.type} refused`;
  // Only a name that is known is shown: in a line that is not in order it may be a key that stands there.
  const named = attributeValues(media.attributes, 'crypto').map(
    (line) => sdesSuiteNamed(line.split(/\s+/)[1] ?? '')?.name,
  );
  const suites = [...new Set(named.map((name) => name ?? 'unknown suite'))];
  const direction = mediaDirection(session, media);
  const kind = media.type === 'audio' ? '' : `${media.type} `;
  const others = suites.length > 1 ? ` and ${suites.length - 1} more` : '';
  const keyed = suites[0] === undefined ? '' : ` ${suites[0]}${others}`;
  return `${kind}${media.protocol}${keyed}${direction === 'sendrecv' ? '' : `, ${direction}`}`;
}
