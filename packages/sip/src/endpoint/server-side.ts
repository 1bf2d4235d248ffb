import { hash } from 'node:crypto';
import { assertNever, hexadecimal } from '@trustline/base';
import { isReliable, type SipFlow } from '../flow.ts';
import { type CSeq, cseq } from '../message/cseq.ts';
import { parseDecimal } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import { toTag } from '../message/name-addr.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { handleInviteServer, type InviteServerInput, startInviteServer } from '../transaction/invite-server.ts';
import {
  handleNonInviteServer,
  type NonInviteServerTimer,
  startNonInviteServer,
} from '../transaction/non-invite-server.ts';
import { type OutwardEffect, RunningTransaction, type Transaction } from '../transaction/running-transaction.ts';
import { type CommonInput, step } from '../transaction/step.ts';
import type { EndpointContext } from './context.ts';
import { type ArrivedRequest, noteSource } from './hop.ts';
import { inviteMethod, mergeKey, type ServerKey, serverKey } from './matching.ts';
import type { ServerTransactionId } from './outputs.ts';
import { TransactionTable } from './transaction-table.ts';

type ServerInput = Extract<InviteServerInput, { readonly kind: 'retransmission' | 'ack' | 'respond' }>;

class ServerTransaction {
  readonly id: ServerTransactionId;
  readonly key: string;
  readonly flow: SipFlow;
  readonly method: string;
  /** Undefined for a request within a dialog, which is never merged (RFC 3261 §8.2.2.2). */
  readonly mergeKey: string | undefined;
  readonly requestToTag: string | undefined;
  readonly running: Transaction<ServerInput>;
  /** Of the latest response: the ACK of an RFC 2543 client, and the answer to a CANCEL, go by it. */
  responseToTag: string | undefined;
  positionOnFlow = 0;

  constructor(
    fields: Pick<ServerTransaction, 'id' | 'key' | 'flow' | 'method' | 'mergeKey' | 'requestToTag' | 'running'>,
  ) {
    this.id = fields.id;
    this.key = fields.key;
    this.flow = fields.flow;
    this.method = fields.method;
    this.mergeKey = fields.mergeKey;
    this.requestToTag = fields.requestToTag;
    this.running = fields.running;
  }

  get flowId(): string {
    return this.flow.id;
  }

  get nextDeadline(): number | undefined {
    return this.running.nextDeadline;
  }
}

/** A new request on its way to a transaction. */
interface Arrival extends ArrivedRequest {
  readonly flow: SipFlow;
  readonly cseq: CSeq;
  /** Undefined outside a dialog. */
  readonly toTag: string | undefined;
  /** Undefined for a request that is never merged: within a dialog, or a CANCEL. */
  readonly mergeKey: string | undefined;
}

/** The server transactions of an endpoint. */
export class ServerSide {
  readonly #context: EndpointContext;
  readonly #forwards: boolean;
  readonly #table = new TransactionTable<ServerTransaction>();
  /** Requests outside a dialog that are being served, by what a merged copy of them has in common. */
  readonly #mergeable = new Map<string, ServerTransaction>();
  #lastNumber = 0;

  constructor(context: EndpointContext, forwards: boolean) {
    this.#context = context;
    this.#forwards = forwards;
  }

  get size(): number {
    return this.#table.size;
  }

  get nextDeadline(): number | undefined {
    return this.#table.nextDeadline;
  }

  receive(now: number, flow: SipFlow, request: SipRequest): void {
    const arrived = noteSource(request, flow.remote);
    const sequence = cseq(request);
    // Without Via or CSeq there is neither a transaction nor a way to answer; the parser lets none through.
    if (arrived === undefined || sequence === undefined) return;
    const tag = toTag(request);
    const common = tag === undefined && request.method !== 'CANCEL' ? mergeKey(request, sequence) : undefined;
    const arrival: Arrival = { ...arrived, flow, cseq: sequence, toTag: tag, mergeKey: common };
    switch (request.method) {
      case 'ACK':
        this.#receiveAck(now, arrival);
        return;
      case 'CANCEL':
        this.#receiveCancel(now, arrival);
        return;
      default:
        this.#receiveRequest(now, arrival);
    }
  }

  respond(now: number, id: ServerTransactionId, response: SipResponse): boolean {
    const transaction = this.#table.get(id);
    if (transaction === undefined || !mayRespond(transaction.running.stateName, response.status)) return false;
    this.#respond(now, transaction, response);
    return true;
  }

  /**
   * Answers a request once and keeps nothing of it: "if unauthenticated requests were handled statefully, then malicious
   * floods of unauthenticated requests could create massive amounts of transaction state" (RFC 3261 §8.2.7). The To tag
   * follows from the request, so that a retransmission is given the same.
   */
  refuse(id: ServerTransactionId, response: (toTag: string) => SipResponse): void {
    const transaction = this.#table.get(id);
    if (transaction === undefined) return;
    this.#context.emit({ kind: 'transmit', flow: transaction.flow, message: response(statelessTag(transaction.key)) });
    this.#remove(transaction);
  }

  flowClosed(now: number, flowId: string): void {
    for (const transaction of this.#table.onFlow(flowId)) {
      this.#handle(now, transaction, { kind: 'transport-error' });
    }
  }

  handleTime(now: number): void {
    for (let due = this.#table.takeDue(now); due !== undefined; due = this.#table.takeDue(now)) {
      const transaction = due;
      transaction.running.handleTime(now, (effect) => this.#perform(transaction, effect));
      this.#settle(transaction);
    }
  }

  #receiveRequest(now: number, arrival: Arrival): void {
    const { request, flow } = arrival;
    const key = serverKey(flow, request, arrival.via, arrival.cseq, request.method);
    const transaction = this.#table.find(key.text);
    if (transaction !== undefined && sameToTag(key, transaction.requestToTag, arrival)) {
      this.#handle(now, transaction, { kind: 'retransmission' });
      return;
    }
    if (!this.#hasRoom(arrival)) {
      this.#context.emit({ kind: 'transmit', flow, message: this.#overloaded(request, key) });
      return;
    }
    const refusal = this.#refusal(arrival);
    const started = this.#start(now, key, arrival);
    if (refusal === undefined) {
      this.#context.emit({ kind: 'request', transaction: started.id, flow, request });
    } else {
      this.#respond(now, started, createResponse(request, refusal.status, { ...refusal, toTag: this.#newTag() }));
    }
  }

  #receiveAck(now: number, arrival: Arrival): void {
    const { request, flow } = arrival;
    const key = serverKey(flow, request, arrival.via, arrival.cseq, inviteMethod);
    const transaction = this.#table.find(key.text);
    // For an RFC 2543 client "the To tag of the ACK [matches] the To tag of the response" (RFC 3261 §17.2.3).
    if (transaction !== undefined && sameToTag(key, transaction.responseToTag, arrival)) {
      this.#handle(now, transaction, { kind: 'ack', ack: request });
    } else {
      // The ACK of a 2xx has a branch of its own (RFC 3261 §13.2.2.4) and belongs to a dialog.
      this.#context.emit({ kind: 'request', transaction: undefined, flow, request });
    }
  }

  #receiveCancel(now: number, arrival: Arrival): void {
    const { request, flow, via } = arrival;
    const key = serverKey(flow, request, via, arrival.cseq, request.method);
    const again = this.#table.find(key.text);
    if (again !== undefined) {
      this.#handle(now, again, { kind: 'retransmission' });
      return;
    }
    // The CANCEL is matched as if it had the method it cancels (RFC 3261 §9.2); only an INVITE takes long
    // enough to be cancelled.
    const inviteKey = serverKey(flow, request, via, arrival.cseq, inviteMethod);
    const found = this.#table.find(inviteKey.text);
    const invite = found !== undefined && sameToTag(inviteKey, found.requestToTag, arrival) ? found : undefined;
    // "If the UAS did not find a matching transaction [...], it SHOULD respond to the CANCEL with a 481",
    // else with 200, whose To tag "SHOULD be the same" as in the response to the INVITE.
    const response = createResponse(request, invite === undefined ? 481 : 200, {
      toTag: invite?.responseToTag ?? this.#newTag(),
    });
    if (this.#hasRoom(arrival)) this.#respond(now, this.#start(now, key, arrival), response);
    else this.#context.emit({ kind: 'transmit', flow, message: response });
    // Once the INVITE has its final response, the CANCEL has no effect on it (RFC 3261 §9.2).
    if (invite?.running.stateName === 'proceeding') {
      this.#context.emit({ kind: 'cancelled', transaction: invite.id, cancel: request });
    }
  }

  /** The response with which a new request is refused before the user sees it. */
  #refusal({ request, mergeKey }: Arrival): { status: number; reason?: string } | undefined {
    // "If the request has no tag in the To header field, the UAS core MUST check the request against
    // ongoing transactions. If the From tag, Call-ID, and CSeq exactly match those associated with an
    // ongoing transaction, but the request does not match that transaction, the UAS core SHOULD
    // generate a 482 (Loop Detected) response" (RFC 3261 §8.2.2.2).
    if (mergeKey !== undefined && this.#mergeable.has(mergeKey)) return { status: 482 };
    const value = headerValue(request, 'Max-Forwards');
    if (value === undefined) return undefined;
    const maxForwards = parseDecimal(value);
    if (maxForwards === undefined) return { status: 400, reason: 'Bad Request - Malformed Max-Forwards' };
    // A spent Max-Forwards is answered 483 (RFC 3261 §16.3), by a back-to-back user agent too (RFC 7332),
    // unless we are where the request wants to go.
    const endsHere = !this.#forwards || request.method === 'REGISTER' || request.method === 'OPTIONS';
    return maxForwards === 0 && !endsHere ? { status: 483 } : undefined;
  }

  #hasRoom({ request, toTag }: Arrival): boolean {
    const { serverTransactions, reservedForDialogs } = this.#context.limits;
    const withinCall = toTag !== undefined || request.method === 'CANCEL';
    return this.#table.size < serverTransactions + (withinCall ? reservedForDialogs : 0);
  }

  #start(now: number, key: ServerKey, { request, flow, toTag, mergeKey }: Arrival): ServerTransaction {
    this.#lastNumber += 1;
    const settings = { reliable: isReliable(flow), timers: this.#context.timers };
    // A first step of a server transaction only arms timers.
    const perform = (): void => {};
    const running: Transaction<ServerInput> =
      request.method === inviteMethod
        ? new RunningTransaction(
            startInviteServer(now),
            (at, state, input) => handleInviteServer(at, state, input, settings, () => createResponse(request, 100)),
            perform,
          )
        : new RunningTransaction(
            startNonInviteServer(),
            // An ACK is only ever matched to an INVITE.
            (at, state, input: ServerInput | CommonInput<NonInviteServerTimer>) =>
              input.kind === 'ack' ? step(state) : handleNonInviteServer(at, state, input, settings),
            perform,
          );
    const transaction = new ServerTransaction({
      id: `server:${this.#lastNumber}`,
      key: key.text,
      flow,
      method: request.method,
      mergeKey,
      requestToTag: toTag,
      running,
    });
    this.#table.add(transaction);
    if (mergeKey !== undefined && !this.#mergeable.has(mergeKey)) this.#mergeable.set(mergeKey, transaction);
    return transaction;
  }

  #respond(now: number, transaction: ServerTransaction, response: SipResponse): void {
    transaction.responseToTag = toTag(response);
    this.#handle(now, transaction, { kind: 'respond', response });
  }

  #handle(
    now: number,
    transaction: ServerTransaction,
    input: ServerInput | { readonly kind: 'transport-error' },
  ): void {
    transaction.running.handle(now, input, (effect) => this.#perform(transaction, effect));
    this.#settle(transaction);
  }

  #perform({ id, flow, method }: ServerTransaction, effect: OutwardEffect): void {
    if (effect.kind === 'send') {
      // Responses go back the way their request came (RFC 3261 §18.2.2, RFC 3581 §4).
      this.#context.emit({ kind: 'transmit', flow, message: effect.message });
      return;
    }
    // The endpoint answers CANCEL itself: the user has never heard of it.
    if (method === 'CANCEL') return;
    switch (effect.kind) {
      case 'deliver':
        if (effect.message.kind === 'request') {
          this.#context.emit({ kind: 'request', transaction: undefined, flow, request: effect.message });
        }
        return;
      case 'ack':
      case 'no-ack':
        this.#context.emit({ kind: effect.kind, transaction: id });
        return;
      case 'transport-error':
        this.#context.emit({ kind: 'transport-error', transaction: id, reason: 'flow-closed' });
        return;
      case 'timeout':
        return;
      default:
        assertNever(effect);
    }
  }

  #settle(transaction: ServerTransaction): void {
    if (transaction.running.stateName !== 'terminated') {
      this.#table.reschedule(transaction);
      return;
    }
    this.#remove(transaction);
  }

  #remove(transaction: ServerTransaction): void {
    this.#table.remove(transaction);
    const { mergeKey: common } = transaction;
    if (common !== undefined && this.#mergeable.get(common) === transaction) this.#mergeable.delete(common);
  }

  /** A 503 that leaves nothing behind. A stateless server gives a retransmission the same To tag (RFC 3261 §8.2.7). */
  #overloaded(request: SipRequest, key: ServerKey): SipResponse {
    const retryAfter: SipHeader = { name: 'Retry-After', value: String(this.#context.limits.retryAfterSeconds) };
    return createResponse(request, 503, { toTag: statelessTag(key.text), headers: [retryAfter] });
  }

  #newTag(): string {
    return hexadecimal(this.#context.random(8));
  }
}

/** Of the key of a transaction that is not kept. */
function statelessTag(key: string): string {
  return hash('sha256', key, 'hex').slice(0, 16);
}

/** A final response ends it, except that a 2xx to an INVITE is repeated by the user (RFC 6026 §7.1). */
function mayRespond(stateName: string, status: number): boolean {
  switch (stateName) {
    case 'trying':
    case 'proceeding':
      return true;
    case 'accepted':
      return status >= 200 && status < 300;
    default:
      return false;
  }
}

/** An RFC 2543 branch says nothing, so the To tags have to agree too. */
function sameToTag(key: ServerKey, tag: string | undefined, arrival: Arrival): boolean {
  return !key.rfc2543 || arrival.toTag === tag;
}
