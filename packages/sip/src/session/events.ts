import type { ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/types.ts';

/** Whose act something was. */
export type SessionSide = 'local' | 'remote';

/** Why a session is over. */
export type EndCause =
  /** A BYE, ours or the peer's. */
  | 'bye'
  /** The INVITE was refused before it was accepted. */
  | 'rejected'
  /** The INVITE was given up, or ran out (its Expires, or an hour at the callee), before it was accepted. */
  | 'cancelled'
  /** Our 2xx was never acknowledged, and a BYE has been sent (RFC 3261 §13.3.1.4); or a reliable 1xx (RFC 3262 §3). */
  | 'no-ack'
  /** A request of ours was never answered finally, or answered 408; in a dialog a BYE has been sent. */
  | 'timeout'
  /** The flow closed before the INVITE was settled. */
  | 'transport'
  /** The peer answered 481: it knows of no such dialog (RFC 3261 §12.2.1.2). */
  | 'gone'
  /** The peer broke offer/answer, for instance by a 2xx without the answer; a BYE has been sent. */
  | 'protocol'
  /** The peer did not refresh the session, or could not be reached to (RFC 4028 §10); a BYE has been sent. */
  | 'not-refreshed';

/** Session descriptions are the octets of `application/sdp`; `parseSdp` reads them. */
export type SessionEvent =
  /** A provisional response above 100 to our INVITE; `toTag` tells the forks apart. */
  | {
      readonly kind: 'progress';
      readonly status: number;
      readonly toTag: string | undefined;
      /** Early media: a preview of the answer, which only the 2xx makes final (RFC 3261 §13.2.1, RFC 6337 §2.1). */
      readonly earlyAnswer: Uint8Array | undefined;
      /** `reoffer` by UPDATE may change the media before the final response (RFC 3311 §5.1). */
      readonly takesOffers: boolean;
      readonly response: SipResponse;
    }
  /** No response has come to our INVITE within the `silence` it was placed with, not even 100. It goes on, unless it is given up. */
  | { readonly kind: 'silent' }
  /** Our INVITE with an offer was accepted; the ACK has been sent, or with `holdAcks` waits for `acknowledge`. */
  | { readonly kind: 'accepted'; readonly answer: Uint8Array; readonly response: SipResponse }
  /** Our INVITE without an offer was accepted with one: `answerOffer` sends the ACK. */
  | { readonly kind: 'accepted-with-offer'; readonly offer: Uint8Array; readonly response: SipResponse }
  /** Our INVITE was refused; `ended` follows. */
  | { readonly kind: 'rejected'; readonly status: number; readonly response: SipResponse }
  /** A further branch of a forked INVITE was accepted too; it has got its ACK and a BYE. May follow `ended`. */
  | { readonly kind: 'fork-accepted'; readonly toTag: string | undefined; readonly response: SipResponse }
  /** The ACK for our 2xx to the first INVITE; `answer` if that 2xx carried our offer. */
  | { readonly kind: 'acknowledged'; readonly answer: Uint8Array | undefined; readonly message: SipRequest }
  /** The peer offers: by re-INVITE, by UPDATE, or in the 2xx to our re-INVITE without one. */
  | { readonly kind: 'offer'; readonly offer: Uint8Array; readonly message: SipMessage }
  /** The peer's re-INVITE asks us to offer: `answerOffer` takes that offer. */
  | { readonly kind: 'offer-requested'; readonly message: SipRequest }
  /** The peer's offer or request for one is void: given up by it, or not answered in time by us. */
  | { readonly kind: 'offer-withdrawn'; readonly message: SipRequest }
  /** The answer to our offer within the session. */
  | { readonly kind: 'reoffer-answered'; readonly answer: Uint8Array; readonly message: SipMessage }
  /** Our offer was refused, and the session stays as it was; no response where none came. */
  | { readonly kind: 'reoffer-rejected'; readonly status: number; readonly response: SipResponse | undefined }
  /** An UPDATE of the peer without an offer; it has been answered. */
  | { readonly kind: 'updated'; readonly message: SipRequest }
  /** What became of our UPDATE without an offer. */
  | { readonly kind: 'update-answered'; readonly status: number; readonly response: SipResponse | undefined }
  /** An INFO of the peer; it has been answered. */
  | { readonly kind: 'info'; readonly message: SipRequest }
  /** What became of our INFO. */
  | { readonly kind: 'info-answered'; readonly status: number; readonly response: SipResponse | undefined }
  /** What became of a request of the user's own; no response where none came. */
  | {
      readonly kind: 'request-answered';
      readonly method: string;
      readonly status: number;
      readonly response: SipResponse | undefined;
    }
  /** Another request within the dialog, of a method that the user of the user agent answers himself. */
  | { readonly kind: 'request'; readonly transaction: ServerTransactionId; readonly message: SipRequest }
  /** The session is to be refreshed and the peer has named no UPDATE: `reoffer` what holds now (RFC 4028 §7.4). */
  | { readonly kind: 'refresh-wanted' }
  /** The flow has closed. The session goes on: the peer may come back on another one. */
  | { readonly kind: 'flow-lost' }
  /** Exactly once, and the last event but for a late `fork-accepted`. */
  | {
      readonly kind: 'ended';
      readonly cause: EndCause;
      readonly by: SessionSide;
      /** What ended it, if a message did. */
      readonly message: SipMessage | undefined;
    };
