import { cseq, MAXIMUM_SEQUENCE } from '../message/cseq.ts';
import { headerValue } from '../message/headers.ts';
import { addresses, addressTag, formatNameAddr, parseNameAddr } from '../message/name-addr.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/types.ts';

/**
 * What two user agents know of each other for the length of a dialog (RFC 3261 §12), as a value:
 * every change gives a new one.
 */
export interface Dialog {
  /** Early until a 2xx to the INVITE (RFC 3261 §12.1). */
  readonly state: 'early' | 'confirmed';
  readonly callId: string;
  readonly localTag: string;
  /** Empty for a peer of RFC 2543, which sends none. */
  readonly remoteTag: string;
  /** What we write in From, with our tag. */
  readonly localAddress: string;
  /** What we write in To, with the peer's tag. */
  readonly remoteAddress: string;
  /** The CSeq of our last request in this dialog; undefined before the first. */
  readonly localSequence: number | undefined;
  /** The CSeq of the peer's last request in this dialog; undefined before the first. */
  readonly remoteSequence: number | undefined;
  /** The URI that requests in the dialog are for: the peer's Contact. */
  readonly remoteTarget: string;
  /** Route header values, first hop first, one address each. */
  readonly routeSet: readonly string[];
}

/** The dialog that a response with a To tag makes at the caller (RFC 3261 §12.1.2); undefined if it makes none. */
export function createCallerDialog(request: SipRequest, response: SipResponse): Dialog | undefined {
  if (response.status <= 100 || response.status >= 300) return undefined;
  const remoteTarget = contactUri(response);
  const from = headerValue(request, 'From');
  const to = headerValue(response, 'To');
  const callId = headerValue(request, 'Call-ID');
  const sequence = cseq(request)?.sequence;
  const routeSet = recordedRoute(response, 'reversed');
  if (remoteTarget === undefined || from === undefined || to === undefined || callId === undefined) return undefined;
  if (sequence === undefined || routeSet === undefined) return undefined;
  return {
    state: response.status < 200 ? 'early' : 'confirmed',
    callId,
    localTag: tagOf(from),
    remoteTag: tagOf(to),
    localAddress: from,
    remoteAddress: to,
    localSequence: sequence,
    // "The remote sequence number MUST be empty" (RFC 3261 §12.1.2).
    remoteSequence: undefined,
    remoteTarget,
    routeSet,
  };
}

/**
 * The dialog that our response with `localTag` makes at the callee (RFC 3261 §12.1.1). Undefined if the
 * request has no usable Contact, To or Record-Route: it is then answered 400.
 */
export function createCalleeDialog(request: SipRequest, localTag: string): Dialog | undefined {
  const remoteTarget = contactUri(request);
  const from = headerValue(request, 'From');
  const to = parseNameAddr(headerValue(request, 'To') ?? '');
  const callId = headerValue(request, 'Call-ID');
  const sequence = cseq(request)?.sequence;
  const routeSet = recordedRoute(request, 'as-received');
  if (remoteTarget === undefined || from === undefined || to === undefined || callId === undefined) return undefined;
  if (sequence === undefined || routeSet === undefined) return undefined;
  const parameters = [
    ...to.parameters.filter(({ name }) => name.toLowerCase() !== 'tag'),
    { name: 'tag', value: localTag },
  ];
  return {
    state: 'early',
    callId,
    localTag,
    remoteTag: tagOf(from),
    localAddress: formatNameAddr({ ...to, parameters }),
    remoteAddress: from,
    // "The local sequence number MUST be empty" (RFC 3261 §12.1.1).
    localSequence: undefined,
    remoteSequence: sequence,
    remoteTarget,
    routeSet,
  };
}

/**
 * The caller's dialog after the 2xx. The route set is taken anew from it, because a provisional
 * response may not have carried the Record-Route (RFC 3261 §13.2.2.4); the sequence numbers stay.
 */
export function confirmCallerDialog(dialog: Dialog, response: SipResponse): Dialog {
  const routeSet = recordedRoute(response, 'reversed') ?? dialog.routeSet;
  return { ...refreshTarget(dialog, response), routeSet, state: 'confirmed' };
}

/** The callee's dialog once it has sent its 2xx. */
export function confirmCalleeDialog(dialog: Dialog): Dialog {
  return { ...dialog, state: 'confirmed' };
}

/** Takes the peer's Contact from a target refresh: a 2xx to an INVITE or UPDATE, or such a request (RFC 3261 §12.2). */
export function refreshTarget(dialog: Dialog, message: SipMessage): Dialog {
  const remoteTarget = contactUri(message);
  return remoteTarget === undefined ? dialog : { ...dialog, remoteTarget };
}

/**
 * Takes the CSeq of a request of the peer. Undefined when it is not above the last: the request is
 * out of order and is answered 500 (RFC 3261 §12.2.2). ACK and CANCEL have the number of their INVITE
 * and do not come here.
 */
export function acceptSequence(dialog: Dialog, request: SipRequest): Dialog | undefined {
  const sequence = cseq(request)?.sequence;
  if (sequence === undefined) return undefined;
  if (dialog.remoteSequence !== undefined && sequence <= dialog.remoteSequence) return undefined;
  return { ...dialog, remoteSequence: sequence };
}

/**
 * The next number for a request of ours. RFC 3261 §8.1.1.5 keeps numbers below 2^31; a dialog that got
 * there begins at 1 again, for the peer will refuse that and so end it, where wrapping unseen would not.
 */
export function nextSequence(dialog: Dialog): number {
  const next = (dialog.localSequence ?? 0) + 1;
  return next > MAXIMUM_SEQUENCE ? 1 : next;
}

/** As if so many requests of ours had been sent in it; a dialog that comes near the end of its numbers stays as it is. */
export function skipSequences(dialog: Dialog, count: number): Dialog {
  const localSequence = (dialog.localSequence ?? 0) + count;
  return localSequence > MAXIMUM_SEQUENCE ? dialog : { ...dialog, localSequence };
}

function contactUri(message: SipMessage): string | undefined {
  // "Contact [...] MUST be present and contain exactly one SIP or SIPS URI" (RFC 3261 §8.1.1.8).
  const list = addresses(message, 'Contact');
  const first = list?.[0];
  if (list === undefined || list.length !== 1 || first === undefined) return undefined;
  return /^sips?:/i.test(first.uri) ? first.uri : undefined;
}

function recordedRoute(message: SipMessage, order: 'as-received' | 'reversed'): readonly string[] | undefined {
  const routes = addresses(message, 'Record-Route')?.map(formatNameAddr);
  return order === 'reversed' ? routes?.reverse() : routes;
}

function tagOf(value: string): string {
  return addressTag(parseNameAddr(value)) ?? '';
}
