import type { SipError } from '../error.ts';
import type { SipFlow, SipHostPort } from '../flow.ts';

/** Why a flow is over. */
export type FlowCloseReason =
  | 'closed-by-peer'
  | 'closed-by-us'
  | 'network-error'
  | 'bad-message'
  | 'half-message'
  | 'idle'
  | 'slow-reader'
  | 'no-pong'
  /** A NAT gave us another address: the far end does not reach us at the old one (RFC 5626 §4.4.2). */
  | 'address-changed'
  | 'connection-limit';

/** What an operator may want to know about the transports; `reason` is a sentence in an operator's words. */
export type SipTransportEvent =
  /** A TLS client was refused, by the judge or before it could be heard; it was told nothing. */
  | {
      readonly kind: 'handshake-refused';
      readonly local: SipHostPort;
      readonly remote: SipHostPort;
      readonly reason: string;
    }
  /** A connection was turned away or cut off because the limit was reached. */
  | {
      readonly kind: 'connection-refused';
      readonly local: SipHostPort;
      readonly remote: SipHostPort;
      readonly reason: string;
    }
  /** Something unreadable came in; a stream is closed for it, unless it is plain where it ends. */
  | { readonly kind: 'bad-message'; readonly flow: SipFlow; readonly error: SipError }
  /** A message of ours could not be written: a defect, of which nothing was sent. */
  | { readonly kind: 'unsendable-message'; readonly flow: SipFlow; readonly error: SipError }
  /** A listener reported an error after it had begun to listen. */
  | { readonly kind: 'listener-failed'; readonly local: SipHostPort; readonly reason: string };
