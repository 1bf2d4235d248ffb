import type { SipFlow } from '../flow.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/types.ts';

/** Names a client transaction of one endpoint; never used again by that endpoint. */
export type ClientTransactionId = `client:${number}`;

/** Names a server transaction of one endpoint; never used again by that endpoint. */
export type ServerTransactionId = `server:${number}`;

/** Why a transaction could not reach the network. */
export type TransportFailure = 'flow-closed' | 'too-many-transactions';

/** What {@link SipEndpoint.poll} hands out. */
export type SipEndpointOutput =
  | TransmitOutput
  | RequestOutput
  | ResponseOutput
  | TimeoutOutput
  | TransportErrorOutput
  | CancelledOutput
  | AckOutput
  | NoAckOutput;

/** Serialize this message and send it down this flow. */
export interface TransmitOutput {
  readonly kind: 'transmit';
  readonly flow: SipFlow;
  readonly message: SipMessage;
}

/**
 * A request that is not a retransmission. Its topmost Via carries `received` and `rport` as
 * RFC 3261 §18.2.1 and RFC 3581 §4 ask, so that a response made from it is complete.
 *
 * `transaction` is undefined for the ACK of a 2xx and only for that: it has no transaction and
 * must not be answered. CANCEL never comes here, see {@link CancelledOutput}.
 */
export interface RequestOutput {
  readonly kind: 'request';
  readonly transaction: ServerTransactionId | undefined;
  readonly flow: SipFlow;
  readonly request: SipRequest;
}

/**
 * A response to a request sent with `sendRequest`. Retransmitted provisional and final responses
 * are absorbed, with one exception: every 2xx to an INVITE comes here, retransmissions and those
 * of further forks too (RFC 6026 §7.2); the user tells them apart by their To tag and sends the ACK.
 */
export interface ResponseOutput {
  readonly kind: 'response';
  readonly transaction: ClientTransactionId;
  readonly flow: SipFlow;
  readonly response: SipResponse;
}

/** No final response came in time (timer B or F, or 64*T1 after a CANCEL); treat it as a 408 (RFC 3261 §8.1.3.1). */
export interface TimeoutOutput {
  readonly kind: 'timeout';
  readonly transaction: ClientTransactionId;
}

/** The transaction is over because it has no flow; a client treats it as a 503 (RFC 3261 §8.1.3.1). */
export interface TransportErrorOutput {
  readonly kind: 'transport-error';
  readonly transaction: ClientTransactionId | ServerTransactionId;
  readonly reason: TransportFailure;
}

/**
 * The caller gave up this INVITE before its final response. The endpoint has answered the CANCEL;
 * the user answers the INVITE, with 487 (RFC 3261 §9.2).
 */
export interface CancelledOutput {
  readonly kind: 'cancelled';
  readonly transaction: ServerTransactionId;
  /** The CANCEL itself, which may carry a Reason (RFC 3326). */
  readonly cancel: SipRequest;
}

/** The ACK for a final response of 300 to 699 has come; nothing is left to do. */
export interface AckOutput {
  readonly kind: 'ack';
  readonly transaction: ServerTransactionId;
}

/** No ACK came for a final response of 300 to 699 (timer H); nothing is left to do. */
export interface NoAckOutput {
  readonly kind: 'no-ack';
  readonly transaction: ServerTransactionId;
}
