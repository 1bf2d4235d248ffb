import { assertNever } from '@trustline/base';
import { SipError } from '../error.ts';
import { isReliable, type SipFlow } from '../flow.ts';
import { cseq } from '../message/cseq.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { viaBranch, vias } from '../message/via.ts';
import { cancelFor } from '../transaction/derived-requests.ts';
import { handleInviteClient, startInviteClient } from '../transaction/invite-client.ts';
import { handleNonInviteClient, startNonInviteClient } from '../transaction/non-invite-client.ts';
import { type OutwardEffect, RunningTransaction, type Transaction } from '../transaction/running-transaction.ts';
import type { EndpointContext } from './context.ts';
import { newBranch, stampRequest } from './hop.ts';
import { clientKey } from './matching.ts';
import type { ClientTransactionId } from './outputs.ts';
import { TransactionTable } from './transaction-table.ts';

type ClientInput = { readonly kind: 'response'; readonly response: SipResponse };

/** A CANCEL that waits for the first provisional response, or the time at which the cancelled INVITE is given up. */
type Cancellation =
  | { readonly kind: 'held'; readonly reason: string | undefined }
  | { readonly kind: 'sent'; readonly giveUpAt: number };

class ClientTransaction {
  readonly id: ClientTransactionId;
  readonly key: string;
  readonly branch: string;
  readonly flow: SipFlow;
  /** As sent. */
  readonly request: SipRequest;
  readonly running: Transaction<ClientInput>;
  cancellation: Cancellation | undefined;
  positionOnFlow = 0;

  constructor(
    id: ClientTransactionId,
    branch: string,
    flow: SipFlow,
    request: SipRequest,
    running: Transaction<ClientInput>,
  ) {
    this.id = id;
    this.key = clientKey(branch, request.method);
    this.branch = branch;
    this.flow = flow;
    this.request = request;
    this.running = running;
  }

  get flowId(): string {
    return this.flow.id;
  }

  get nextDeadline(): number | undefined {
    const own = this.running.nextDeadline;
    if (this.cancellation?.kind !== 'sent') return own;
    return Math.min(own ?? Number.POSITIVE_INFINITY, this.cancellation.giveUpAt);
  }

  /** The INVITE has neither been answered finally nor given up. */
  get isPending(): boolean {
    return this.running.stateName === 'calling' || this.running.stateName === 'proceeding';
  }
}

/** The client transactions of an endpoint. */
export class ClientSide {
  readonly #context: EndpointContext;
  readonly #table = new TransactionTable<ClientTransaction>();
  #lastNumber = 0;

  constructor(context: EndpointContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#table.size;
  }

  get nextDeadline(): number | undefined {
    return this.#table.nextDeadline;
  }

  send(now: number, flow: SipFlow, request: SipRequest): ClientTransactionId {
    if (request.method === 'ACK' || request.method === 'CANCEL') {
      throw new SipError('sip.wrong-command', `${request.method} is no transaction of its own`, {
        nextStep: 'Use sendAck for the ACK of a 2xx and cancel for a CANCEL.',
      });
    }
    const branch = newBranch(this.#context.random);
    if (this.#table.size >= this.#context.limits.clientTransactions) {
      const id = this.#newId();
      this.#context.emit({ kind: 'transport-error', transaction: id, reason: 'too-many-transactions' });
      return id;
    }
    const stamped = stampRequest(request, flow, this.#context.sentBy(flow), branch);
    return this.#start(now, flow, stamped, branch).id;
  }

  /** The ACK of a 2xx: out of the door, without a transaction. */
  sendAck(flow: SipFlow, ack: SipRequest): void {
    const branch = newBranch(this.#context.random);
    const message = stampRequest(ack, flow, this.#context.sentBy(flow), branch);
    this.#context.emit({ kind: 'transmit', flow, message });
  }

  cancel(now: number, id: ClientTransactionId, reason: string | undefined): void {
    const transaction = this.#table.get(id);
    if (transaction === undefined || transaction.cancellation !== undefined || !transaction.isPending) return;
    // "A CANCEL request SHOULD NOT be sent to cancel a request other than INVITE" (RFC 3261 §9.1).
    if (transaction.request.method !== 'INVITE') return;
    // "If no provisional response has been received, the CANCEL request MUST NOT be sent; rather, the
    // client MUST wait for the arrival of a provisional response before sending the request."
    if (transaction.running.stateName === 'calling') transaction.cancellation = { kind: 'held', reason };
    else this.#sendCancel(now, transaction, reason);
  }

  receive(now: number, flow: SipFlow, response: SipResponse): void {
    const hops = vias(response);
    // "If there is more than one Via header field value in a response, the UAC SHOULD discard the
    // message" (RFC 3261 §8.1.3.3): it has strayed here on another's way.
    const via = hops?.length === 1 ? hops[0] : undefined;
    const branch = via === undefined ? undefined : viaBranch(via);
    const method = cseq(response)?.method;
    if (branch === undefined || method === undefined) return;
    const transaction = this.#table.find(clientKey(branch, method));
    if (transaction === undefined) return;
    // An answer to what went down a connection comes back on that connection (RFC 3261 §18.2.2), so
    // that whoever answers is who was asked.
    if (isReliable(transaction.flow) && flow.id !== transaction.flow.id) return;
    transaction.running.handle(now, { kind: 'response', response }, (effect) =>
      this.#perform(transaction, flow, effect),
    );
    this.#releaseCancel(now, transaction);
    this.#settle(transaction);
  }

  flowClosed(now: number, flowId: string): void {
    for (const transaction of this.#table.onFlow(flowId)) {
      transaction.running.handle(now, { kind: 'transport-error' }, (effect) =>
        this.#perform(transaction, transaction.flow, effect),
      );
      this.#settle(transaction);
    }
  }

  handleTime(now: number): void {
    for (let due = this.#table.takeDue(now); due !== undefined; due = this.#table.takeDue(now)) {
      const transaction = due;
      transaction.running.handleTime(now, (effect) => this.#perform(transaction, transaction.flow, effect));
      if (transaction.cancellation?.kind === 'sent' && transaction.cancellation.giveUpAt <= now) {
        // "If there is no final response for the original request in 64*T1 seconds, the client SHOULD
        // then consider the original transaction cancelled and SHOULD destroy the client transaction
        // handling the original request" (RFC 3261 §9.1).
        this.#context.emit({ kind: 'timeout', transaction: transaction.id });
        this.#table.remove(transaction);
      } else {
        this.#settle(transaction);
      }
    }
  }

  #start(now: number, flow: SipFlow, request: SipRequest, branch: string): ClientTransaction {
    const id = this.#newId();
    const settings = { reliable: isReliable(flow), timers: this.#context.timers };
    // Sending is all that a first step asks for, and it does not need the transaction yet.
    const send = (effect: OutwardEffect): void => {
      if (effect.kind === 'send') this.#context.emit({ kind: 'transmit', flow, message: effect.message });
    };
    const running: Transaction<ClientInput> =
      request.method === 'INVITE'
        ? new RunningTransaction(
            startInviteClient(now, request, settings),
            (at, state, input) => handleInviteClient(at, state, input, settings),
            send,
          )
        : new RunningTransaction(
            startNonInviteClient(now, request, settings),
            (at, state, input) => handleNonInviteClient(at, state, input, settings),
            send,
          );
    const transaction = new ClientTransaction(id, branch, flow, request, running);
    this.#table.add(transaction);
    return transaction;
  }

  #newId(): ClientTransactionId {
    this.#lastNumber += 1;
    return `client:${this.#lastNumber}`;
  }

  #perform(transaction: ClientTransaction, flow: SipFlow, effect: OutwardEffect): void {
    const { id } = transaction;
    if (effect.kind === 'send') {
      this.#context.emit({ kind: 'transmit', flow: transaction.flow, message: effect.message });
      return;
    }
    // What becomes of a CANCEL itself matters to nobody: the INVITE's own response tells.
    if (transaction.request.method === 'CANCEL') return;
    switch (effect.kind) {
      case 'deliver':
        if (effect.message.kind === 'response') {
          this.#context.emit({ kind: 'response', transaction: id, flow, response: effect.message });
        }
        return;
      case 'timeout':
        this.#context.emit({ kind: 'timeout', transaction: id });
        return;
      case 'transport-error':
        this.#context.emit({ kind: 'transport-error', transaction: id, reason: 'flow-closed' });
        return;
      case 'ack':
      case 'no-ack':
        return;
      default:
        assertNever(effect);
    }
  }

  /** The held CANCEL goes out with the first provisional response, and nowhere after a final one. */
  #releaseCancel(now: number, transaction: ClientTransaction): void {
    const { cancellation } = transaction;
    if (cancellation === undefined) return;
    if (!transaction.isPending) transaction.cancellation = undefined;
    else if (cancellation.kind === 'held' && transaction.running.stateName === 'proceeding') {
      this.#sendCancel(now, transaction, cancellation.reason);
    }
  }

  #sendCancel(now: number, transaction: ClientTransaction, reason: string | undefined): void {
    const cancel = cancelFor(transaction.request, reason);
    this.#start(now, transaction.flow, cancel, transaction.branch);
    transaction.cancellation = { kind: 'sent', giveUpAt: now + 64 * this.#context.timers.t1 };
    this.#table.reschedule(transaction);
  }

  #settle(transaction: ClientTransaction): void {
    if (transaction.running.stateName === 'terminated') this.#table.remove(transaction);
    else this.#table.reschedule(transaction);
  }
}
