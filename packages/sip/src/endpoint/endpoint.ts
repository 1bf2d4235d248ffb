import type { SipFlow, SipHostPort } from '../flow.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/types.ts';
import { defaultTransactionTimers, type TransactionTimers } from '../transaction/timers.ts';
import { defaultSipEndpointLimits, type SipEndpointLimits } from './limits.ts';
import type { ClientTransactionId, ServerTransactionId, SipEndpointOutput } from './outputs.ts';

export interface SipEndpointOptions {
  /** Cryptographically strong randomness, for branches. */
  readonly random: (length: number) => Uint8Array;
  /** What the endpoint calls itself in the Via of requests it sends on a flow; the flow's local address by default. */
  readonly sentBy?: (flow: SipFlow) => SipHostPort;
  readonly timers?: TransactionTimers;
  readonly limits?: Partial<SipEndpointLimits>;
}

/**
 * The transaction layer and the part of the transport layer that is data (RFC 3261 §17 and §18),
 * without any I/O: messages and the time go in, outputs come out of {@link poll}.
 *
 * Who does what:
 * - the endpoint retransmits requests and non-2xx final responses, absorbs retransmissions,
 *   acknowledges non-2xx final responses to INVITE, answers CANCEL, merged requests (482),
 *   spent Max-Forwards (483) and overload (503), and fills in Via;
 * - the user (the session layer) answers every request given out with a transaction, acknowledges
 *   each 2xx to an INVITE with {@link sendAck}, again whenever the 2xx comes again, and repeats its
 *   own 2xx to an INVITE with {@link respond} after T1, doubling to T2, until the ACK comes out as
 *   a request without transaction or 64*T1 have passed (RFC 3261 §13.3.1.4), on reliable
 *   transports too;
 * - a non-INVITE request must be answered finally, and an INVITE in the end.
 */
export class SipEndpoint {
  readonly #random: (length: number) => Uint8Array;
  readonly #sentBy: (flow: SipFlow) => SipHostPort;
  readonly #timers: TransactionTimers;
  readonly #limits: SipEndpointLimits;
  readonly #outputs: SipEndpointOutput[] = [];

  constructor(options: SipEndpointOptions) {
    this.#random = options.random;
    this.#sentBy = options.sentBy ?? ((flow) => flow.local);
    this.#timers = options.timers ?? defaultTransactionTimers;
    this.#limits = { ...defaultSipEndpointLimits, ...options.limits };
  }

  /** A message has come in on a flow. */
  receive(now: number, flow: SipFlow, message: SipMessage): void {}

  /** The flow is gone: its transactions end in a transport error. */
  flowClosed(now: number, flowId: string): void {}

  /** Runs every timer that is due. Call it at {@link nextDeadline}, or later. */
  handleTime(now: number): void {}

  /**
   * Sends a request, any method but ACK and CANCEL, in a new client transaction. The request comes
   * without a Via of its own hop: the endpoint puts one on top.
   */
  sendRequest(now: number, flow: SipFlow, request: SipRequest): ClientTransactionId {
    return 'client:0';
  }

  /**
   * Answers a request. Call it again for further provisional responses, and to repeat a 2xx to an
   * INVITE. Returns false, having sent nothing, when the transaction is over or has already been
   * answered finally.
   */
  respond(now: number, transaction: ServerTransactionId, response: SipResponse): boolean {
    return false;
  }

  /**
   * Gives up an INVITE. The CANCEL is held until a provisional response has come (RFC 3261 §9.1)
   * and is dropped when the final one comes first; either way the INVITE's own final response (or
   * timeout) still comes out. `reason` is the value of a Reason header (RFC 3326).
   */
  cancel(now: number, transaction: ClientTransactionId, reason?: string): void {}

  /** Sends the ACK for a 2xx, outside any transaction and with a branch of its own (RFC 3261 §13.2.2.4). */
  sendAck(now: number, flow: SipFlow, ack: SipRequest): void {}

  /** The next output, until undefined. */
  poll(): SipEndpointOutput | undefined {
    return this.#outputs.shift();
  }

  /** When {@link handleTime} wants to be called, in the milliseconds of `now`; undefined when no timer runs. */
  nextDeadline(): number | undefined {
    return undefined;
  }
}
