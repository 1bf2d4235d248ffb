import type { ServerTransactionId } from '../endpoint/outputs.ts';
import { cseq } from '../message/cseq.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import type { TransactionTimers } from '../transaction/timers.ts';
import { sdpOf } from './body.ts';

type State =
  | { readonly name: 'unanswered' }
  /** Our 2xx is repeated until its ACK comes. */
  | {
      readonly name: 'accepted';
      readonly response: SipResponse;
      readonly interval: number;
      readonly repeatAt: number;
      readonly giveUpAt: number;
    }
  | { readonly name: 'done' };

/**
 * One INVITE of the peer, the first or a later one, from its arrival to the ACK of our 2xx. The
 * transaction below ends with the 2xx; repeating that "end to end" is the core's (RFC 3261 §13.3.1.4).
 */
export class ServerInvite {
  readonly transaction: ServerTransactionId;
  readonly request: SipRequest;
  readonly sequence: number;
  /** The peer's offer; without one our 2xx carries ours, and the ACK the answer. */
  readonly offer: Uint8Array | undefined;
  #state: State = { name: 'unanswered' };

  constructor(transaction: ServerTransactionId, request: SipRequest) {
    this.transaction = transaction;
    this.request = request;
    this.sequence = cseq(request)?.sequence ?? 0;
    this.offer = sdpOf(request);
  }

  get isUnanswered(): boolean {
    return this.#state.name === 'unanswered';
  }

  get awaitsAck(): boolean {
    return this.#state.name === 'accepted';
  }

  /** The 2xx has been sent once. */
  accept(now: number, response: SipResponse, { t1 }: TransactionTimers): void {
    // "The 2xx response is passed to the transport with an interval that starts at T1 seconds and doubles for
    // each retransmission until it reaches T2 seconds"; "if the server retransmits the 2xx response for 64*T1
    // seconds without receiving an ACK, the dialog is confirmed, but the session SHOULD be terminated."
    this.#state = { name: 'accepted', response, interval: t1, repeatAt: now + t1, giveUpAt: now + 64 * t1 };
  }

  /** Acknowledged, refused or given up: nothing is left to do. */
  finish(): void {
    this.#state = { name: 'done' };
  }

  nextDeadline(): number | undefined {
    return this.#state.name === 'accepted' ? Math.min(this.#state.repeatAt, this.#state.giveUpAt) : undefined;
  }

  /** The 2xx to send again, or that it was never acknowledged. */
  handleTime(now: number, { t2 }: TransactionTimers): SipResponse | 'no-ack' | undefined {
    const state = this.#state;
    if (state.name !== 'accepted') return undefined;
    if (now >= state.giveUpAt) {
      this.#state = { name: 'done' };
      return 'no-ack';
    }
    if (now < state.repeatAt) return undefined;
    const interval = Math.min(2 * state.interval, t2);
    this.#state = { ...state, interval, repeatAt: now + interval };
    return state.response;
  }
}
