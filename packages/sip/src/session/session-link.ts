import type { Dialog } from '../dialog/dialog.ts';
import { createAck, recordRouteHeaders } from '../dialog/in-dialog-request.ts';
import type { ClientTransactionId, ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { sdpHeaders } from './body.ts';
import type { RejectOptions } from './commands.ts';
import type { SessionHost } from './host.ts';
import type { InviteSession } from './invite-session.ts';
import { retryAfterHeader } from './local-offer.ts';
import { SentAcks } from './sent-acks.ts';

export type Purpose = 'invite' | 'prack' | 'reoffer' | 'update' | 'info' | 'request' | 'probe' | 'bye';

/** A request of ours on its way. */
export interface SentRequest {
  readonly purpose: Purpose;
  readonly request: SipRequest;
  /** How often it has been sent again with credentials. */
  readonly challenges: number;
  /** Only an INVITE stays here after its 2xx, for as long as that may be repeated. */
  readonly accepted: boolean;
}

/** The ACK of a 2xx that waits for what its user wants to say in it. */
interface HeldAck {
  readonly transaction: ClientTransactionId;
  readonly invite: SipRequest;
  readonly dialog: Dialog;
}

/** What a session sends: its requests on their way, its ACKs, and its responses as they should look. */
export class SessionLink {
  readonly acks = new SentAcks();
  readonly sent = new Map<ClientTransactionId, SentRequest>();
  flow: SipFlow;
  /** Put behind our Contact, `;isfocus`. */
  contactParameters = '';
  readonly #host: SessionHost;
  readonly #session: InviteSession;
  readonly #localTag: string;
  #held: HeldAck | undefined;

  constructor(host: SessionHost, session: InviteSession, flow: SipFlow, localTag: string) {
    this.#host = host;
    this.#session = session;
    this.flow = flow;
    this.#localTag = localTag;
  }

  get isIdle(): boolean {
    return this.sent.size === 0 && this.acks.isEmpty && this.#held === undefined;
  }

  /** A request of ours is not answered yet; a BYE and a PRACK, also those of a fork, hinder no other. */
  get hasOpenRequest(): boolean {
    for (const { accepted, purpose } of this.sent.values()) {
      if (!accepted && purpose !== 'bye' && purpose !== 'prack') return true;
    }
    return false;
  }

  send(now: number, purpose: Purpose, request: SipRequest, challenges = 0): ClientTransactionId {
    this.releaseAck(now); // nothing overtakes it
    const transaction = this.#host.endpoint.sendRequest(now, this.flow, request);
    this.sent.set(transaction, { purpose, request, challenges, accepted: false });
    this.#host.own(transaction, this.#session);
    return transaction;
  }

  forget(transaction: ClientTransactionId): void {
    this.sent.delete(transaction);
    this.#host.disown(transaction);
  }

  /** Sends the ACK of a 2xx and keeps it for those that repeat it. */
  acknowledge(
    now: number,
    transaction: ClientTransactionId,
    invite: SipRequest,
    dialog: Dialog,
    answer?: Uint8Array,
    headers: readonly SipHeader[] = [],
  ): void {
    const ack = createAck(dialog, invite, {
      headers: [...headers, ...sdpHeaders(answer)],
      ...(answer === undefined ? {} : { body: answer }),
    });
    const forgetAt = now + 64 * this.#host.timers.t1;
    this.acks.remember({ transaction, remoteTag: dialog.remoteTag, ack, forgetAt });
    this.#host.endpoint.sendAck(now, this.flow, ack);
  }

  /** Acknowledges a 2xx at once, or where the host's user wants to say something in the ACK, by {@link releaseAck}. */
  acknowledgeInTurn(now: number, transaction: ClientTransactionId, invite: SipRequest, dialog: Dialog): void {
    if (this.#host.holdAcks) this.#held = { transaction, invite, dialog };
    else this.acknowledge(now, transaction, invite, dialog);
  }

  /** Sends the ACK that is held; false if none is. */
  releaseAck(now: number, headers: readonly SipHeader[] = []): boolean {
    const held = this.#held;
    if (held === undefined) return false;
    this.#held = undefined;
    this.acknowledge(now, held.transaction, held.invite, held.dialog, undefined, headers);
    return true;
  }

  /** Sends the ACK again that this 2xx has had; false if it is to have none yet. */
  acknowledgeAgain(now: number, transaction: ClientTransactionId, remoteTag: string): boolean {
    if (this.#held?.transaction === transaction && this.#held.dialog.remoteTag === remoteTag) return true;
    const ack = this.acks.find(transaction, remoteTag);
    if (ack !== undefined) this.#host.endpoint.sendAck(now, this.flow, ack);
    return ack !== undefined;
  }

  /** Forgets the INVITEs whose 2xx cannot come again. */
  expireAcks(now: number): void {
    for (const transaction of this.acks.expire(now)) this.forget(transaction);
  }

  respond(now: number, transaction: ServerTransactionId, response: SipResponse): void {
    this.#host.endpoint.respond(now, transaction, response);
    if (response.status >= 200) this.#host.disown(transaction);
  }

  /** A final response without a description: a refusal, or the answer to a request that has none. */
  refuse(
    now: number,
    transaction: ServerTransactionId,
    request: SipRequest,
    status: number,
    options: RejectOptions = {},
  ): void {
    const { headers = [], reason } = options;
    const response = createResponse(request, status, {
      toTag: this.#localTag,
      headers: [...this.#host.capabilities('response'), ...headers],
      ...(reason === undefined ? {} : { reason }),
    });
    this.respond(now, transaction, response);
  }

  /** Refuses a request that meets another one. */
  refuseBusy(now: number, transaction: ServerTransactionId, request: SipRequest, status: 491 | 500): void {
    const headers = status === 500 ? [retryAfterHeader(this.#host.random)] : [];
    this.refuse(now, transaction, request, status, { headers });
  }

  refuseBody(now: number, transaction: ServerTransactionId, request: SipRequest, accepted: string): void {
    this.refuse(now, transaction, request, 415, { headers: [{ name: 'Accept', value: accepted }] });
  }

  /** A provisional or 2xx response, with what makes or refreshes the dialog. */
  answerTo(
    request: SipRequest,
    status: number,
    headers: readonly SipHeader[] = [],
    sdp: Uint8Array | undefined = undefined,
  ): SipResponse {
    const isTargetRefresh = request.method === 'INVITE' || request.method === 'UPDATE';
    return createResponse(request, status, {
      toTag: this.#localTag,
      headers: [
        ...(isTargetRefresh ? [...recordRouteHeaders(request), this.#contact()] : []),
        ...this.#host.capabilities('response'),
        ...headers,
        ...sdpHeaders(sdp),
      ],
      ...(sdp === undefined ? {} : { body: sdp }),
    });
  }

  /** What every request carries that refreshes the target. */
  targetHeaders(): readonly SipHeader[] {
    return [...this.contactHeaders(), ...this.#host.capabilities('request')];
  }

  contactHeaders(): readonly SipHeader[] {
    return [this.#contact()];
  }

  #contact(): SipHeader {
    return { name: 'Contact', value: this.#host.contact(this.flow) + this.contactParameters };
  }
}
