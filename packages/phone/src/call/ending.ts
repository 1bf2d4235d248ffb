import {
  type EndCause,
  headerValues,
  parseWarnings,
  q850CauseOfReason,
  type SessionSide,
  type SipMessage,
} from '@trustline/sip';

/** How a call ended, in words that scripts match. */
export type CallEnding =
  /** It had been established, and one of the two hung up. */
  | 'completed'
  | 'busy'
  | 'no-answer'
  /** We gave it up, or the caller did, before it was answered. */
  | 'cancelled'
  | 'no-such-number'
  | 'refused'
  /** Refused because of the protection that one end demands: by us, by the manager or by the far end. */
  | 'refused-for-security'
  /** The manager or the far end did not answer, or the connection was lost. */
  | 'unreachable'
  /** Something in the network failed. */
  | 'failed';

export interface EndedCall {
  readonly ending: CallEnding;
  readonly by: 'local' | 'remote';
  /** The final response that ended it, if one did. */
  readonly status: number | undefined;
  /** One sentence for people. */
  readonly reason: string;
}

/** Values of Q.850 that a Reason header has (RFC 3326): no such protection here; the network is out of order. */
const SECURITY = 57;
const OUT_OF_ORDER = 38;

/**
 * What a refusal of an INVITE means.
 *
 * @param protectedOffer whether the INVITE offered RTP/SAVP
 */
export function endingOfStatus(status: number, response: SipMessage, protectedOffer: boolean): CallEnding {
  if (q850CauseOfReason(response) === SECURITY || reasonText(response)?.startsWith('security') === true) {
    return 'refused-for-security';
  }
  switch (status) {
    case 486:
    case 600:
      return 'busy';
    case 408:
    case 480:
      return 'no-answer';
    case 487:
      return 'cancelled';
    case 404:
    case 410:
    case 484:
    case 604:
      return 'no-such-number';
    case 488:
    case 606:
      return protectedOffer ? 'refused-for-security' : 'refused';
    case 503:
    case 504:
      return 'unreachable';
    default:
      return status < 500 || status === 603 ? 'refused' : 'failed';
  }
}

/**
 * What the end of an established call, or of one nobody answered, means.
 *
 * @param message what ended it, if a message did: nobody has hung up where it says that the network is out of order
 */
export function endingOfCause(cause: EndCause, wasEstablished: boolean, message?: SipMessage): CallEnding {
  switch (cause) {
    case 'bye':
      if (message !== undefined && q850CauseOfReason(message) === OUT_OF_ORDER) return 'unreachable';
      return wasEstablished ? 'completed' : 'cancelled';
    case 'cancelled':
      return 'cancelled';
    case 'rejected':
      return 'refused';
    case 'timeout':
    case 'transport':
    case 'gone':
    case 'no-ack':
    case 'not-refreshed':
      return 'unreachable';
    case 'protocol':
      return 'failed';
  }
}

/** What a message says to people: its first Warning, else the reason phrase of a response. */
export function sentenceOf(message: SipMessage | undefined): string | undefined {
  if (message === undefined) return undefined;
  for (const value of headerValues(message, 'Warning')) {
    const text = parseWarnings(value)?.[0]?.text;
    if (text !== undefined && text !== '') return text;
  }
  return message.kind === 'response' && message.reason !== '' ? message.reason : undefined;
}

/** What an end means where no message says more. */
export function sentenceOfCause(cause: EndCause, by: SessionSide): string {
  switch (cause) {
    case 'bye':
      return by === 'local' ? 'this phone hung up' : 'the far end hung up';
    case 'cancelled':
      return by === 'local' ? 'this phone gave the call up' : 'the caller gave the call up';
    case 'rejected':
      return by === 'local' ? 'this phone refused the call' : 'the far end refused the call';
    case 'timeout':
      return 'the manager did not answer';
    case 'transport':
      return 'the connection to the manager was lost';
    case 'gone':
      return 'the manager no longer knows the call';
    case 'no-ack':
      return 'the answer was never acknowledged';
    case 'not-refreshed':
      return 'the manager was not heard of for too long';
    case 'protocol':
      return 'the far end broke the rules of offer and answer';
  }
}

export function hasWarning(message: SipMessage): boolean {
  return headerValues(message, 'Warning').length > 0;
}

/** The text of a Reason header (RFC 3326), in which the manager names its own cause. */
function reasonText(message: SipMessage): string | undefined {
  for (const value of headerValues(message, 'Reason')) {
    const text = /;\s*text\s*=\s*"([^"]*)"/i.exec(value)?.[1];
    if (text !== undefined) return text;
  }
  return undefined;
}
