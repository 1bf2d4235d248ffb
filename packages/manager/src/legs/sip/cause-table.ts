import { type Cause, causeOfQ850, q850 } from '@trustline/callcontrol';
import { headerValues, q850CauseOfReason, type SessionEvent, type SipMessage, type SipResponse } from '@trustline/sip';

/** How a neutral cause is said in SIP: the final response to an INVITE that it refuses (RFC 3261 §21, RFC 3398 §7.2). */
const statusOf: Readonly<Record<Cause, number>> = {
  'unallocated-number': 404,
  'no-route-to-destination': 404,
  'normal-clearing': 480,
  'user-busy': 486,
  'no-user-responding': 408,
  'no-answer': 480,
  'subscriber-absent': 480,
  'call-rejected': 603,
  'exchange-routing-error': 482,
  'destination-out-of-order': 502,
  'invalid-number-format': 484,
  'no-circuit-available': 503,
  'network-out-of-order': 503,
  'protection-gone': 503,
  'temporary-failure': 503,
  'switching-equipment-congestion': 503,
  'requested-circuit-unavailable': 503,
  'resource-unavailable': 503,
  'service-unavailable': 503,
  'facility-not-subscribed': 403,
  'outgoing-calls-barred': 403,
  'unknown-call': 481,
  'security-required': 488,
  'security-forbidden': 488,
  'security-lost': 488,
  'key-reused': 488,
  'incompatible-destination': 488,
  'not-acceptable-here': 488,
  bandwidth: 488,
  glare: 491,
  'timer-expired': 504,
  'protocol-error': 500,
  interworking: 500,
  interrupted: 503,
  'answered-elsewhere': 486,
  transferred: 487,
  cancelled: 487,
};

/** What a refusal of a stranger means. Classes not listed fall to the first of their hundred (RFC 3261 §8.1.3.2). */
const causeOf: Readonly<Record<number, Cause>> = {
  400: 'protocol-error',
  401: 'call-rejected',
  403: 'call-rejected',
  404: 'unallocated-number',
  407: 'call-rejected',
  408: 'no-user-responding',
  410: 'unallocated-number',
  415: 'not-acceptable-here',
  420: 'interworking',
  421: 'interworking',
  440: 'exchange-routing-error',
  480: 'no-answer',
  481: 'temporary-failure',
  482: 'exchange-routing-error',
  483: 'exchange-routing-error',
  484: 'invalid-number-format',
  485: 'unallocated-number',
  486: 'user-busy',
  487: 'cancelled',
  488: 'not-acceptable-here',
  491: 'glare',
  500: 'temporary-failure',
  502: 'network-out-of-order', // RFC 3398 §8.2.6.1: 38; 27 is what a network says of the called
  503: 'service-unavailable',
  504: 'timer-expired',
  600: 'user-busy',
  603: 'call-rejected',
  604: 'unallocated-number',
  606: 'not-acceptable-here',
};

type EndCause = Extract<SessionEvent, { kind: 'ended' }>['cause'];

const causesOfEnd: Readonly<Record<EndCause, Cause>> = {
  bye: 'normal-clearing',
  rejected: 'call-rejected',
  cancelled: 'cancelled',
  'no-ack': 'timer-expired',
  timeout: 'no-user-responding',
  transport: 'destination-out-of-order',
  gone: 'temporary-failure',
  protocol: 'protocol-error',
  'not-refreshed': 'timer-expired',
};
/** Of a trunk that has said nothing yet it is the way to it that failed, and no phone. */
const causesOfSilentTrunk: Partial<typeof causesOfEnd> = {
  timeout: 'timer-expired',
  transport: 'network-out-of-order',
};

/** What the end of a session means that no message told of. */
export function causeOfEnd(cause: EndCause, isSilentTrunk: boolean): Cause {
  return (isSilentTrunk ? causesOfSilentTrunk[cause] : undefined) ?? causesOfEnd[cause];
}

/** The final response that refuses an INVITE or a re-INVITE for this cause. */
export function statusOfCause(cause: Cause): number {
  return statusOf[cause];
}

/** What a final response of 300 to 699 means; a Q.850 Reason header tells it more exactly (RFC 3326). */
export function causeOfResponse(response: SipResponse): Cause {
  const reason = q850CauseOf(response);
  const ofDescription = response.status === 488 || response.status === 606;
  // Why a description was refused may be told more exactly, but not be made something else.
  if (ofDescription && reason === 'security-required') return reason;
  if (reason !== undefined && !ofDescription && response.status !== 491) return reason;
  if (response.status < 400) return 'call-rejected'; // a redirection that cannot be followed
  return causeOf[response.status] ?? causeOf[Math.floor(response.status / 100) * 100] ?? 'temporary-failure';
}

/** The neutral cause of a message's `Reason: Q.850;cause=…`, if it has one (RFC 3326 §2). */
export function q850CauseOf(message: SipMessage): Cause | undefined {
  const cause = q850CauseOfReason(message);
  return cause === undefined ? undefined : causeOfQ850(cause);
}

/** The words of a message's Reason header (RFC 3326 §2), as much of them as a person reads. */
export function reasonTextOf(message: SipMessage): string | undefined {
  for (const value of headerValues(message, 'Reason')) {
    const text = /;\s*text\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(value)?.[1];
    const words = text
      ?.replace(/\\(.)/g, '$1')
      .replace(/[\p{Cc}\p{Cs}"]/gu, ' ')
      .trim()
      .slice(0, 80);
    if (words !== undefined && words !== '') return words;
  }
  return undefined;
}

/** A text as it stands in a quoted string. */
export function quotable(text: string): string {
  return text.replace(/"/g, "'").replace(/[\\\p{Cc}\p{Cs}]/gu, ' ');
}

/**
 * The value of a Reason header that says a cause as Q.850 does (RFC 3326 §2).
 *
 * @param text the cause by its name, or what was found; what a quoted string may not hold is left out of it
 */
export function reasonOfCause(cause: Cause, text: string = cause): string {
  return `Q.850;cause=${q850(cause)};text="${quotable(text)}"`;
}
