import { SipError } from '../error.ts';
import type { SipFlow, SipHostPort } from '../flow.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/types.ts';
import { defaultTransactionTimers, type TransactionTimers } from '../transaction/timers.ts';
import { ClientSide } from './client-side.ts';
import type { EndpointContext } from './context.ts';
import { defaultSipEndpointLimits, type SipEndpointLimits } from './limits.ts';
import type { ClientTransactionId, ServerTransactionId, SipEndpointOutput } from './outputs.ts';
import { ServerSide } from './server-side.ts';

export interface SipEndpointOptions {
  /** Cryptographically strong randomness, for branches. */
  readonly random: (length: number) => Uint8Array;
  /** What the endpoint calls itself in the Via of requests it sends on a flow; the flow's local address by default. */
  readonly sentBy?: (flow: SipFlow) => SipHostPort;
  readonly timers?: TransactionTimers;
  /**
   * Whether requests go on from here to somebody else, as a call manager's do: then one whose
   * Max-Forwards is spent is answered 483. True by default; a phone says false.
   */
  readonly forwards?: boolean;
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
 * - the user answers every request finally in the end, and bounds how long it waits for the answer to
 *   an INVITE with {@link cancel}: after a provisional response the RFC sets no limit.
 */
export class SipEndpoint {
  readonly #client: ClientSide;
  readonly #server: ServerSide;
  #outputs: SipEndpointOutput[] = [];
  #nextOutput = 0;

  /** @throws {SipError} `sip.bad-timers` when a timer value is not a positive number of milliseconds. */
  constructor(options: SipEndpointOptions) {
    const timers = options.timers ?? defaultTransactionTimers;
    for (const value of [timers.t1, timers.t2, timers.t4]) {
      if (!(value > 0)) throw new SipError('sip.bad-timers', 'T1, T2 and T4 are positive numbers of milliseconds');
    }
    const context: EndpointContext = {
      random: options.random,
      sentBy: options.sentBy ?? ((flow) => flow.local),
      timers,
      limits: { ...defaultSipEndpointLimits, ...options.limits },
      emit: (output) => this.#outputs.push(output),
    };
    this.#client = new ClientSide(context);
    this.#server = new ServerSide(context, options.forwards ?? true);
  }

  /** How many transactions are in being, for status lines and tests. */
  get transactions(): { readonly client: number; readonly server: number } {
    return { client: this.#client.size, server: this.#server.size };
  }

  /** A message has come in on a flow. */
  receive(now: number, flow: SipFlow, message: SipMessage): void {
    if (message.kind === 'request') this.#server.receive(now, flow, message);
    else this.#client.receive(now, flow, message);
  }

  /**
   * The flow is gone: its transactions end in a transport error. Call it again when a message cannot
   * be transmitted because its flow has closed meanwhile.
   */
  flowClosed(now: number, flowId: string): void {
    this.#client.flowClosed(now, flowId);
    this.#server.flowClosed(now, flowId);
  }

  /** Runs every timer that is due. Call it at {@link nextDeadline}, or later. */
  handleTime(now: number): void {
    this.#client.handleTime(now);
    this.#server.handleTime(now);
  }

  /**
   * Sends a request, any method but ACK and CANCEL, in a new client transaction. The request comes
   * without a Via of its own hop: the endpoint puts one on top, and Max-Forwards where there is none.
   *
   * @throws {SipError} `sip.wrong-command` for an ACK or CANCEL.
   */
  sendRequest(now: number, flow: SipFlow, request: SipRequest): ClientTransactionId {
    return this.#client.send(now, flow, request);
  }

  /**
   * Answers a request. Call it again for further provisional responses, and to repeat a 2xx to an
   * INVITE. Returns false, having sent nothing, when the transaction is over or has already been
   * answered finally.
   */
  respond(now: number, transaction: ServerTransactionId, response: SipResponse): boolean {
    return this.#server.respond(now, transaction, response);
  }

  /**
   * Answers a request and forgets it, as suits one that has not been authenticated: nothing is retransmitted, and an ACK
   * goes nowhere (RFC 3261 §8.2.7). `response` is given the To tag to use.
   */
  refuse(transaction: ServerTransactionId, response: (toTag: string) => SipResponse): void {
    this.#server.refuse(transaction, response);
  }

  /**
   * Gives up an INVITE. The CANCEL is held until a provisional response has come (RFC 3261 §9.1)
   * and is dropped when the final one comes first; either way the INVITE's own final response (or
   * timeout) still comes out. Does nothing once the final response is there. `reason` is the value of
   * a Reason header (RFC 3326).
   */
  cancel(now: number, transaction: ClientTransactionId, reason?: string): void {
    this.#client.cancel(now, transaction, reason);
  }

  /** Sends the ACK for a 2xx, outside any transaction and with a branch of its own (RFC 3261 §13.2.2.4). */
  sendAck(_now: number, flow: SipFlow, ack: SipRequest): void {
    this.#client.sendAck(flow, ack);
  }

  /** The next output, until undefined. */
  poll(): SipEndpointOutput | undefined {
    const output = this.#outputs[this.#nextOutput];
    if (output === undefined) {
      this.#outputs = [];
      this.#nextOutput = 0;
      return undefined;
    }
    this.#nextOutput += 1;
    return output;
  }

  /** When {@link handleTime} wants to be called, in the milliseconds of `now`; undefined when no timer runs. */
  nextDeadline(): number | undefined {
    const client = this.#client.nextDeadline;
    const server = this.#server.nextDeadline;
    if (client === undefined || server === undefined) return client ?? server;
    return Math.min(client, server);
  }
}
