import { Deadlines } from '@trustline/base';
import {
  acceptSequence,
  confirmCalleeDialog,
  confirmCallerDialog,
  createCallerDialog,
  type Dialog,
  refreshTarget,
} from '../dialog/dialog.ts';
import { dialogKey } from '../dialog/dialog-key.ts';
import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import type { ClientTransactionId, ServerTransactionId } from '../endpoint/outputs.ts';
import { SipError } from '../error.ts';
import type { SipFlow } from '../flow.ts';
import { cseq, formatCSeq } from '../message/cseq.ts';
import { headerValue, headerValues, withHeader } from '../message/headers.ts';
import { fromTag, toTag } from '../message/name-addr.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from '../message/types.ts';
import { descriptionOf, SDP_TYPE, sdpHeaders, sdpOf } from './body.ts';
import type {
  HangUpOptions,
  InfoContent,
  MessageExtras,
  RejectOptions,
  ReofferOptions,
  RingOptions,
} from './commands.ts';
import { EarlyDialogs } from './early-dialogs.ts';
import type { EndCause, SessionEvent, SessionSide } from './events.ts';
import type { SessionHost } from './host.ts';
import { answerInfo } from './info.ts';
import { type LocalOffer, retryDelay } from './local-offer.ts';
import { type RemoteOffer, refuseOffer } from './remote-offer.ts';
import { ServerInvite } from './server-invite.ts';
import { type Purpose, type SentRequest, SessionLink } from './session-link.ts';
import { WaitingRequests } from './waiting-requests.ts';

/** A ringing call is shown alive every minute, for proxies give up after three (RFC 3261 §13.3.1.1). */
const RING_REPEAT = 60_000;

/** A re-INVITE that the peer has neither accepted nor refused by then is cancelled. */
const REOFFER_PATIENCE = 60_000;

/** An UPDATE has to be answered while its transaction lives (RFC 3311 §5.2); 504 says that we could not. */
const UPDATE_PATIENCE = 20_000;

type Phase =
  /** Our INVITE has no final response. */
  | 'calling'
  /** The peer's INVITE has no final response. */
  | 'incoming'
  | 'established'
  /** Over for its user; what lingers below acknowledges late responses and finishes its transactions. */
  | 'ended';

type SessionTimer = 'ring' | 'reoffer-patience' | 'update-patience';

/**
 * One call between two user agents: the INVITE usage of a dialog, at either side (RFC 3261 §13–15,
 * RFC 3311, RFC 3264, RFC 6337). Made by `SipUserAgent`; its events come out of the user agent's `poll`.
 *
 * Every command returns whether it was taken. False is no mistake of the caller: the network may have
 * ended the session, or withdrawn the offer, while the command was on its way.
 */
export class InviteSession {
  /** Unique within its user agent. */
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  /** The INVITE that began the session. */
  readonly invite: SipRequest;
  readonly callId: string;
  readonly localTag: string;
  readonly #host: SessionHost;
  readonly #deadlines = new Deadlines<SessionTimer>();
  readonly #link: SessionLink;
  readonly #waiting = new WaitingRequests();
  readonly #forks: EarlyDialogs;
  #phase: Phase;
  #dialog: Dialog | undefined;
  #cancelled = false;
  #hangUpAfterAck: HangUpOptions | undefined;
  #ring: SipResponse | undefined;
  /** The latest INVITE of the peer. */
  #serverInvite: ServerInvite | undefined;
  #remoteOffer: RemoteOffer | undefined;
  #peerAllow: ReadonlySet<string> | undefined;

  private constructor(
    host: SessionHost,
    id: string,
    direction: InviteSession['direction'],
    flow: SipFlow,
    invite: SipRequest,
    localTag: string,
  ) {
    this.#host = host;
    this.id = id;
    this.direction = direction;
    this.#link = new SessionLink(host, this, flow, localTag);
    this.#forks = new EarlyDialogs(host, this);
    this.invite = invite;
    this.localTag = localTag;
    this.callId = headerValue(invite, 'Call-ID') ?? '';
    this.#phase = direction === 'outgoing' ? 'calling' : 'incoming';
  }

  /** Sends the INVITE. */
  static place(now: number, host: SessionHost, id: string, flow: SipFlow, invite: SipRequest, localTag: string) {
    const session = new InviteSession(host, id, 'outgoing', flow, invite, localTag);
    session.#link.send(now, 'invite', invite);
    host.changed(now, session);
    return session;
  }

  /** Takes an INVITE that has come in outside any dialog; its ringing and answer are the user's. */
  static receive(
    host: SessionHost,
    id: string,
    flow: SipFlow,
    transaction: ServerTransactionId,
    invite: SipRequest,
    dialog: Dialog,
  ): InviteSession {
    const session = new InviteSession(host, id, 'incoming', flow, invite, dialog.localTag);
    session.#serverInvite = new ServerInvite(transaction, invite);
    session.#dialog = dialog;
    session.#notePeer(invite);
    host.own(transaction, session);
    host.bind(dialogKey(dialog), session);
    return session;
  }

  /** Where requests go, and where the peer was heard last. */
  get flow(): SipFlow {
    return this.#link.flow;
  }

  get phase(): 'calling' | 'incoming' | 'established' | 'ended' {
    return this.#phase;
  }

  /** The offer in the INVITE; undefined if the other side is to make it. */
  get initialOffer(): Uint8Array | undefined {
    return sdpOf(this.invite);
  }

  /** Undefined until a response has made one; of a forked INVITE the one that was accepted. */
  get dialog(): Dialog | undefined {
    return this.#dialog;
  }

  /** Nothing is left to do; the user agent forgets it. */
  get isSettled(): boolean {
    if (this.#phase !== 'ended') return false;
    return this.#link.isIdle && this.#serverInvite?.awaitsAck !== true;
  }

  /** Whether the peer's last Allow names a method; true while it has sent none. */
  peerAllows(method: string): boolean {
    return this.#peerAllow?.has(method) ?? true;
  }

  // Commands before the session is established.

  /** Answers the INVITE provisionally, 101 to 199; again to change the status or the early media. */
  ring(now: number, status: number, options: RingOptions = {}): boolean {
    if (status < 101 || status > 199) throw wrongCommand(`ring takes a status from 101 to 199, not ${status}`);
    const invite = this.#unanswered();
    if (invite === undefined) return false;
    const response = this.#link.answerTo(invite.request, status, options.headers, options.earlyAnswer);
    this.#ring = response;
    this.#deadlines.set('ring', now + RING_REPEAT);
    return this.#done(now, this.#host.endpoint.respond(now, invite.transaction, response));
  }

  /** Accepts the INVITE with the answer to its offer, or with an offer where it brought none. */
  accept(now: number, sdp: Uint8Array, options: MessageExtras = {}): boolean {
    const invite = this.#unanswered();
    if (invite === undefined || this.#dialog === undefined) return false;
    this.#phase = 'established';
    this.#deadlines.clear('ring');
    this.#dialog = confirmCalleeDialog(this.#dialog);
    this.#acceptInvite(now, invite, sdp, options.headers);
    return this.#done(now, true);
  }

  /** Refuses the INVITE, 300 to 699; `ended` follows. */
  reject(now: number, status: number, options: RejectOptions = {}): boolean {
    if (status < 300) throw wrongCommand(`reject takes a status from 300 to 699, not ${status}`);
    const invite = this.#unanswered();
    if (invite === undefined) return false;
    this.#link.refuse(now, invite.transaction, invite.request, status, options);
    invite.finish();
    this.#end(now, 'rejected', 'local', undefined);
    return this.#done(now, true);
  }

  /**
   * Gives our INVITE up. `ended` comes with its final response; a 2xx that crosses the CANCEL is
   * acknowledged and ended with a BYE.
   */
  cancel(now: number, options: HangUpOptions = {}): boolean {
    if (this.#phase !== 'calling' || this.#cancelled) return false;
    this.#cancelled = true;
    for (const [transaction, { purpose }] of this.#link.sent) {
      if (purpose === 'invite') this.#host.endpoint.cancel(now, transaction, options.reason);
    }
    return this.#done(now, true);
  }

  // Commands in the session.

  /**
   * Ends the session in any phase: CANCEL while it is calling, 480 while it is incoming, else BYE. A
   * callee's BYE waits for the ACK of its 2xx (RFC 3261 §15); `ended` comes at once all the same.
   */
  bye(now: number, options: HangUpOptions = {}): boolean {
    switch (this.#phase) {
      case 'calling':
        return this.cancel(now, options);
      case 'incoming':
        return this.reject(now, 480, options);
      case 'established':
        this.#hangUp(now, 'bye', 'local', undefined, options);
        return this.#done(now, true);
      case 'ended':
        return false;
    }
  }

  /**
   * Offers anew, at once or as soon as offer/answer allows (RFC 3264 §4: never while an offer is
   * pending). Glare is retried by the session. False while an earlier one is on its way; one that still
   * waits is replaced.
   */
  reoffer(now: number, sdp: Uint8Array, options: ReofferOptions = {}): boolean {
    return this.#wantOffer(now, { method: options.method ?? 'INVITE', sdp, headers: options.headers ?? [] });
  }

  /** Sends a re-INVITE without an offer, so that the peer makes one: an `offer` event follows. */
  requestOffer(now: number, options: MessageExtras = {}): boolean {
    return this.#wantOffer(now, { method: 'INVITE', sdp: undefined, headers: options.headers ?? [] });
  }

  /**
   * Answers `offer`, `accepted-with-offer` or `offer-requested`; for the last, `sdp` is the offer and
   * the answer comes as `reoffer-answered`.
   */
  answerOffer(now: number, sdp: Uint8Array, options: MessageExtras = {}): boolean {
    const pending = this.#remoteOffer;
    if (pending === undefined || this.#dialog === undefined) return false;
    this.#remoteOffer = undefined;
    switch (pending.kind) {
      case 'reinvite':
        // The target moves with the 2xx, for a refused re-INVITE changes nothing (RFC 6141 §3.4).
        this.#dialog = refreshTarget(this.#dialog, pending.invite.request);
        this.#acceptInvite(now, pending.invite, sdp, options.headers);
        break;
      case 'update':
        this.#deadlines.clear('update-patience');
        this.#dialog = refreshTarget(this.#dialog, pending.request);
        this.#link.respond(now, pending.transaction, this.#link.answerTo(pending.request, 200, options.headers, sdp));
        break;
      case 'accepted':
        this.#link.acknowledge(now, pending.transaction, pending.invite, this.#dialog, sdp, options.headers);
        break;
    }
    return this.#done(now, true);
  }

  /**
   * Refuses `offer` or `offer-requested`, for instance with 488: the session stays as it was. An offer in
   * a 2xx can only be answered or ended (RFC 3261 §13.2.2.4), so for that one the session ends.
   */
  rejectOffer(now: number, status: number, options: RejectOptions = {}): boolean {
    if (status < 300) throw wrongCommand(`rejectOffer takes a status from 300 to 699, not ${status}`);
    const pending = this.#remoteOffer;
    if (pending === undefined) return false;
    if (pending.kind === 'accepted') {
      this.#hangUp(now, 'bye', 'local', undefined, options.headers === undefined ? {} : { headers: options.headers });
    } else {
      this.#refuseRemoteOffer(now, pending, status, options);
    }
    return this.#done(now, true);
  }

  /** Sends an UPDATE without an offer, to show changed headers such as Call-Info; the latest call wins while one waits. */
  update(now: number, options: MessageExtras): boolean {
    if (this.#phase === 'ended' || !this.peerAllows('UPDATE')) return false;
    this.#waiting.wantUpdate(options.headers ?? []);
    return this.#done(now, true);
  }

  /** Sends an INFO, after those before it have been answered. */
  info(now: number, content: InfoContent): boolean {
    if (this.#phase === 'ended' || !this.#waiting.wantInfo(content)) return false;
    return this.#done(now, true);
  }

  /** Sends what follows on another flow, for instance after the device has registered anew. */
  moveTo(now: number, flow: SipFlow): void {
    const from = this.#link.flow;
    if (from.id === flow.id) return;
    this.#link.flow = flow;
    this.#host.moved(this, from);
    this.#done(now, true);
  }

  // What the user agent hands in.

  /** @internal A request of the peer within a dialog of this session; `transaction` is undefined for an ACK. */
  handleRequest(now: number, flow: SipFlow, transaction: ServerTransactionId | undefined, request: SipRequest): void {
    if (transaction === undefined) this.#handleAck(now, request);
    else this.#handleTransaction(now, flow, transaction, request);
    this.#done(now, true);
  }

  /** @internal */
  handleResponse(now: number, transaction: ClientTransactionId, response: SipResponse): void {
    const sent = this.#link.sent.get(transaction);
    if (sent === undefined) return;
    if (response.status >= 200 && !sent.accepted) this.#notePeer(response);
    if (sent.purpose === 'invite') this.#handleInviteResponse(now, transaction, sent, response);
    else this.#handleInDialogResponse(now, transaction, sent, response);
    this.#done(now, true);
  }

  /** @internal No final response came (408), or the flow is gone (503) (RFC 3261 §8.1.3.1). */
  handleFailure(now: number, transaction: ClientTransactionId | ServerTransactionId, status: 408 | 503): void {
    const server = this.#serverInvite;
    const sent = this.#link.sent.get(transaction as ClientTransactionId);
    if (server?.transaction === transaction) this.#loseServerInvite(now, server);
    else if (this.#remoteOffer?.kind === 'update' && this.#remoteOffer.transaction === transaction) {
      this.#host.disown(transaction);
      this.#withdrawRemoteOffer(this.#remoteOffer.request);
    } else if (sent !== undefined) {
      this.#link.forget(transaction as ClientTransactionId);
      // The transaction of an accepted INVITE ends by itself; that concerns nobody.
      if (!sent.accepted) this.#fail(now, sent, status, undefined);
    }
    this.#done(now, true);
  }

  /** @internal The peer has given up an INVITE of its own. */
  handleCancelled(now: number, transaction: ServerTransactionId, cancel: SipRequest): void {
    const invite = this.#serverInvite;
    if (invite?.transaction !== transaction || !invite.isUnanswered) return;
    // "[The UAS] SHOULD immediately respond to the original request with a 487" (RFC 3261 §9.2).
    this.#link.refuse(now, transaction, invite.request, 487);
    invite.finish();
    if (this.#phase === 'incoming') this.#end(now, 'cancelled', 'remote', cancel);
    else this.#withdrawRemoteOffer(invite.request);
    this.#done(now, true);
  }

  /** @internal */
  handleFlowClosed(now: number): void {
    if (this.#phase === 'established') this.#emit({ kind: 'flow-lost' });
    this.#done(now, true);
  }

  nextDeadline(): number | undefined {
    let earliest = this.#deadlines.next();
    for (const at of [
      this.#link.acks.nextDeadline(),
      this.#waiting.nextDeadline(),
      this.#serverInvite?.nextDeadline(),
    ]) {
      if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
    }
    return earliest;
  }

  /** @internal */
  handleTime(now: number): void {
    this.#link.expireAcks(now);
    this.#waiting.handleTime(now);
    this.#repeatAcceptance(now);
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      this.#runTimer(now, timer);
    }
    this.#done(now, true);
  }

  #runTimer(now: number, timer: SessionTimer): void {
    switch (timer) {
      case 'ring': {
        const invite = this.#unanswered();
        if (invite === undefined || this.#ring === undefined) return;
        this.#host.endpoint.respond(now, invite.transaction, this.#ring);
        this.#deadlines.set('ring', now + RING_REPEAT);
        return;
      }
      case 'reoffer-patience': {
        const transaction = this.#waiting.offerTransaction;
        if (transaction !== undefined) this.#host.endpoint.cancel(now, transaction);
        return;
      }
      case 'update-patience':
        if (this.#remoteOffer?.kind === 'update') {
          const { request } = this.#remoteOffer;
          this.#refuseRemoteOffer(now, this.#remoteOffer, 504, {});
          this.#emit({ kind: 'offer-withdrawn', message: request });
        }
    }
  }

  // The first INVITE at the caller (RFC 3261 §13.2.2).

  #handleInviteResponse(now: number, transaction: ClientTransactionId, sent: SentRequest, response: SipResponse): void {
    if (response.status < 200) this.#handleProgress(sent.request, response);
    else if (response.status < 300) this.#handleAcceptance(now, transaction, sent, response);
    else {
      this.#link.forget(transaction);
      if (this.#phase !== 'calling' || this.#answerChallenge(now, sent, response)) return;
      if (!this.#cancelled) this.#emit({ kind: 'rejected', status: response.status, response });
      this.#end(now, this.#cancelled ? 'cancelled' : 'rejected', this.#cancelled ? 'local' : 'remote', response);
    }
  }

  #handleProgress(request: SipRequest, response: SipResponse): void {
    if (this.#phase !== 'calling' || response.status === 100) return;
    this.#forks.note(request, response);
    if (this.#cancelled) return;
    const { status } = response;
    this.#emit({ kind: 'progress', status, toTag: toTag(response), earlyAnswer: sdpOf(response), response });
  }

  #handleAcceptance(now: number, transaction: ClientTransactionId, sent: SentRequest, response: SipResponse): void {
    const tag = toTag(response) ?? '';
    if (this.#link.acknowledgeAgain(now, transaction, tag)) return;
    if (this.#remoteOffer?.kind === 'accepted' && tag === this.#dialog?.remoteTag) return;
    const fork = this.#forks.get(tag);
    const dialog =
      fork === undefined ? callerDialog(sent.request, response) : confirmCallerDialog(fork.dialog, response);
    if (dialog === undefined) return;
    this.#link.sent.set(transaction, { ...sent, accepted: true });
    if (this.#phase !== 'calling') {
      // "If [...] more than one 2xx response arrives [...], the UAC [...] terminates the dialogs it does not
      // want with an ACK and a BYE" (RFC 3261 §13.2.2.4).
      this.#link.acknowledge(now, transaction, sent.request, dialog);
      this.#link.send(now, 'bye', createInDialogRequest(dialog, 'BYE').request);
      this.#emit({ kind: 'fork-accepted', toTag: toTag(response), response });
      return;
    }
    this.#forks.clear();
    this.#dialog = dialog;
    this.#host.bind(dialogKey(dialog), this);
    this.#phase = 'established';
    const sdp = sdpOf(response);
    if (this.#cancelled) {
      this.#link.acknowledge(now, transaction, sent.request, dialog);
      this.#hangUp(now, 'cancelled', 'local', response);
    } else if (this.initialOffer !== undefined) {
      this.#link.acknowledge(now, transaction, sent.request, dialog);
      // The answer belongs into the 2xx too; some peers send it in the provisional response alone.
      const answer = sdp ?? fork?.earlyAnswer;
      if (answer === undefined) this.#hangUp(now, 'protocol', 'remote', response);
      else this.#emit({ kind: 'accepted', answer, response });
    } else if (sdp === undefined) {
      this.#link.acknowledge(now, transaction, sent.request, dialog);
      this.#hangUp(now, 'protocol', 'remote', response);
    } else {
      this.#remoteOffer = { kind: 'accepted', transaction, invite: sent.request };
      this.#emit({ kind: 'accepted-with-offer', offer: sdp, response });
    }
  }

  // The peer's INVITE, first or later (RFC 3261 §13.3, §14.2).

  #unanswered(): ServerInvite | undefined {
    return this.#phase === 'incoming' ? this.#serverInvite : undefined;
  }

  #acceptInvite(now: number, invite: ServerInvite, sdp: Uint8Array, headers: readonly SipHeader[] | undefined): void {
    const response = this.#link.answerTo(invite.request, 200, headers, sdp);
    invite.accept(now, response, this.#host.timers);
    this.#host.endpoint.respond(now, invite.transaction, response);
  }

  #repeatAcceptance(now: number): void {
    const invite = this.#serverInvite;
    const due = invite?.handleTime(now, this.#host.timers);
    if (invite === undefined || due === undefined) return;
    if (due === 'no-ack') {
      this.#host.disown(invite.transaction);
      if (this.#hangUpAfterAck !== undefined) this.#sendBye(now, this.#hangUpAfterAck);
      else this.#hangUp(now, 'no-ack', 'remote', undefined);
    } else this.#host.endpoint.respond(now, invite.transaction, due);
  }

  #handleAck(now: number, ack: SipRequest): void {
    const invite = this.#serverInvite;
    if (invite?.awaitsAck === true && cseq(ack)?.sequence === invite.sequence) this.#acknowledged(now, invite, ack);
  }

  /** The 2xx has arrived: its ACK says so, or a later re-INVITE, which the peer may not send before (RFC 3261 §14.1). */
  #acknowledged(now: number, invite: ServerInvite, message: SipRequest): void {
    invite.finish();
    this.#host.disown(invite.transaction);
    if (this.#hangUpAfterAck !== undefined) {
      this.#sendBye(now, this.#hangUpAfterAck);
      return;
    }
    const answer = invite.offer === undefined ? sdpOf(message) : undefined;
    if (invite.offer === undefined && answer === undefined) this.#hangUp(now, 'protocol', 'remote', message);
    else if (invite.request === this.invite) this.#emit({ kind: 'acknowledged', answer, message });
    else if (answer !== undefined) this.#emit({ kind: 'reoffer-answered', answer, message });
  }

  #loseServerInvite(now: number, invite: ServerInvite): void {
    const { isUnanswered, awaitsAck } = invite;
    invite.finish();
    this.#host.disown(invite.transaction);
    if (this.#phase === 'incoming') this.#end(now, 'transport', 'remote', undefined);
    else if (isUnanswered) this.#withdrawRemoteOffer(invite.request);
    else if (awaitsAck && this.#phase === 'established') this.#hangUp(now, 'transport', 'remote', undefined);
  }

  // Requests of the peer within the dialog (RFC 3261 §12.2.2).

  #handleTransaction(now: number, flow: SipFlow, transaction: ServerTransactionId, request: SipRequest): void {
    const dialog = this.#dialogOf(request);
    if (dialog === undefined || (this.#phase === 'ended' && request.method !== 'BYE')) {
      this.#link.respond(now, transaction, createResponse(request, 481));
      return;
    }
    const taken = acceptSequence(dialog, request);
    if (taken === undefined) {
      this.#link.respond(now, transaction, createResponse(request, 500, { reason: 'Request Out Of Order' }));
      return;
    }
    this.#keep(taken);
    if (this.#phase === 'established') this.moveTo(now, flow);
    this.#notePeer(request);
    switch (request.method) {
      case 'BYE':
        this.#handleBye(now, transaction, request, taken);
        return;
      case 'INVITE':
        this.#handleReinvite(now, transaction, request);
        return;
      case 'UPDATE':
        this.#handleUpdate(now, transaction, request);
        return;
      case 'INFO':
        if (answerInfo(now, this.#link, this.#host.infoTypes, transaction, request)) {
          this.#emit({ kind: 'info', message: request });
        }
        return;
      case 'OPTIONS':
        this.#link.respond(now, transaction, this.#link.answerTo(request, 200));
        return;
      default:
        // The user agent lets no other method through.
        this.#emit({ kind: 'request', transaction, message: request });
        return;
    }
  }

  #dialogOf(request: SipRequest): Dialog | undefined {
    const tag = fromTag(request) ?? '';
    return this.#dialog?.remoteTag === tag ? this.#dialog : this.#forks.get(tag)?.dialog;
  }

  #keep(dialog: Dialog): void {
    if (this.#dialog?.remoteTag === dialog.remoteTag) this.#dialog = dialog;
    this.#forks.keep(dialog);
  }

  #handleBye(now: number, transaction: ServerTransactionId, request: SipRequest, dialog: Dialog): void {
    this.#link.respond(now, transaction, this.#link.answerTo(request, 200));
    const invite = this.#serverInvite;
    if (invite?.awaitsAck === true) {
      // The caller had our 2xx, or it does not care any more.
      invite.finish();
      this.#host.disown(invite.transaction);
    }
    this.#hangUpAfterAck = undefined;
    switch (this.#phase) {
      case 'incoming':
        if (invite !== undefined) this.#link.refuse(now, invite.transaction, invite.request, 487);
        invite?.finish();
        this.#end(now, 'bye', 'remote', request);
        return;
      case 'calling':
        // A callee MUST NOT end an early dialog so (RFC 3261 §15); one that does has left the fork.
        this.#forks.leave(dialog);
        return;
      case 'established':
        this.#end(now, 'bye', 'remote', request);
        return;
      case 'ended':
    }
  }

  #handleReinvite(now: number, transaction: ServerTransactionId, request: SipRequest): void {
    const before = this.#serverInvite;
    if (before?.awaitsAck === true && before.offer !== undefined) this.#acknowledged(now, before, request);
    const body = descriptionOf(request);
    const conflict = this.#conflict();
    if (conflict !== undefined) this.#link.refuseBusy(now, transaction, request, conflict);
    else if (body.kind === 'unsupported') this.#link.refuseBody(now, transaction, request, SDP_TYPE);
    else {
      const invite = new ServerInvite(transaction, request);
      this.#serverInvite = invite;
      this.#host.own(transaction, this);
      this.#remoteOffer = { kind: 'reinvite', invite };
      if (invite.offer === undefined) this.#emit({ kind: 'offer-requested', message: request });
      else this.#emit({ kind: 'offer', offer: invite.offer, message: request });
    }
  }

  #handleUpdate(now: number, transaction: ServerTransactionId, request: SipRequest): void {
    const body = descriptionOf(request);
    if (body.kind === 'unsupported') this.#link.refuseBody(now, transaction, request, SDP_TYPE);
    else if (this.#remoteOffer?.kind === 'update') {
      // "If an UPDATE is received before the UAS has generated a final response to a previous UPDATE on the
      // same dialog, the UAS MUST return a 500 response [with] Retry-After" (RFC 3311 §5.2).
      this.#link.refuseBusy(now, transaction, request, 500);
    } else if (body.kind === 'none') {
      const dialog = this.#dialogOf(request);
      if (dialog !== undefined) this.#keep(refreshTarget(dialog, request));
      this.#link.respond(now, transaction, this.#link.answerTo(request, 200));
      this.#emit({ kind: 'updated', message: request });
    } else {
      const conflict = this.#conflict();
      if (conflict !== undefined) this.#link.refuseBusy(now, transaction, request, conflict);
      else {
        this.#remoteOffer = { kind: 'update', transaction, request };
        this.#host.own(transaction, this);
        this.#deadlines.set('update-patience', now + UPDATE_PATIENCE);
        this.#emit({ kind: 'offer', offer: body.sdp, message: request });
      }
    }
  }

  /**
   * Why an offer of the peer cannot be taken now: 491 if one of ours is pending, 500 if we owe the peer
   * an answer (RFC 3261 §14.2, RFC 3311 §5.2, RFC 6337 §2.3).
   */
  #conflict(): 491 | 500 | undefined {
    if (this.#phase === 'calling' || this.#waiting.isOfferSent) return 491;
    if (this.#serverInvite?.awaitsAck === true && this.#serverInvite.offer === undefined) return 491;
    return this.#phase === 'incoming' || this.#remoteOffer !== undefined ? 500 : undefined;
  }

  #refuseRemoteOffer(now: number, pending: RemoteOffer, status: number, options: RejectOptions = {}): void {
    if (pending.kind === 'accepted') return;
    this.#remoteOffer = undefined;
    this.#deadlines.clear('update-patience');
    refuseOffer(now, this.#link, pending, status, options);
  }

  #withdrawRemoteOffer(message: SipRequest): void {
    this.#remoteOffer = undefined;
    this.#deadlines.clear('update-patience');
    if (this.#phase === 'established') this.#emit({ kind: 'offer-withdrawn', message });
  }

  // Requests of ours within the dialog.

  #wantOffer(now: number, wanted: Pick<LocalOffer, 'method' | 'sdp' | 'headers'>): boolean {
    if (this.#phase === 'ended' || !this.#waiting.wantOffer(wanted)) return false;
    return this.#done(now, true);
  }

  #sendWaiting(now: number): void {
    // "a UAC MUST NOT initiate a new INVITE transaction within a dialog while another INVITE transaction is
    // in progress in either direction" (RFC 3261 §14.1).
    if (this.#phase !== 'established' || this.#link.hasOpenRequest) return;
    if (this.#serverInvite?.awaitsAck === true || this.#remoteOffer?.kind === 'accepted') return;
    const next = this.#waiting.next(this.#remoteOffer === undefined);
    switch (next?.purpose) {
      case 'reoffer':
        this.#sendOffer(now, next.offer);
        break;
      case 'update':
        this.#sendInDialog(now, 'update', 'UPDATE', [...this.#link.targetHeaders(), ...next.headers]);
        break;
      case 'info': {
        const { contentType, body, headers = [] } = next.content;
        this.#sendInDialog(now, 'info', 'INFO', [...headers, { name: 'Content-Type', value: contentType }], body);
        break;
      }
      case undefined:
    }
  }

  #sendOffer(now: number, { method, sdp, headers }: LocalOffer): void {
    const all = [...this.#link.targetHeaders(), ...headers, ...sdpHeaders(sdp)];
    this.#waiting.offerSent(this.#sendInDialog(now, 'reoffer', method, all, sdp));
    if (method === 'INVITE') this.#deadlines.set('reoffer-patience', now + REOFFER_PATIENCE);
  }

  #handleInDialogResponse(
    now: number,
    transaction: ClientTransactionId,
    sent: SentRequest,
    response: SipResponse,
  ): void {
    const { status } = response;
    if (status < 200) return;
    const isInvite = sent.request.method === 'INVITE';
    if (isInvite && status < 300) {
      if (this.#link.acknowledgeAgain(now, transaction, toTag(response) ?? '')) return;
      if (this.#dialog === undefined || sent.accepted) return;
      this.#link.sent.set(transaction, { ...sent, accepted: true });
    } else this.#link.forget(transaction);
    if (this.#answerChallenge(now, sent, response)) return;
    if (status >= 300) this.#fail(now, sent, status, response);
    else if (this.#phase === 'ended') {
      if (isInvite && this.#dialog !== undefined) this.#link.acknowledge(now, transaction, sent.request, this.#dialog);
    } else this.#succeed(now, transaction, sent, response);
  }

  #succeed(now: number, transaction: ClientTransactionId, sent: SentRequest, response: SipResponse): void {
    const { status } = response;
    switch (sent.purpose) {
      case 'info':
        this.#emit({ kind: 'info-answered', status, response });
        return;
      case 'update':
        this.#waiting.updateDone();
        this.#emit({ kind: 'update-answered', status, response });
        return;
      case 'reoffer':
        this.#offerAccepted(now, transaction, sent, response);
        return;
      case 'invite':
      case 'bye':
    }
  }

  #offerAccepted(now: number, transaction: ClientTransactionId, sent: SentRequest, response: SipResponse): void {
    const offer = this.#waiting.takeOffer();
    this.#deadlines.clear('reoffer-patience');
    if (this.#dialog === undefined || offer === undefined) return;
    this.#dialog = refreshTarget(this.#dialog, response);
    const sdp = sdpOf(response);
    if (offer.sdp === undefined && sdp !== undefined) {
      this.#remoteOffer = { kind: 'accepted', transaction, invite: sent.request };
      this.#emit({ kind: 'offer', offer: sdp, message: response });
      return;
    }
    if (offer.method === 'INVITE') this.#link.acknowledge(now, transaction, sent.request, this.#dialog);
    if (sdp === undefined) this.#hangUp(now, 'protocol', 'remote', response);
    else this.#emit({ kind: 'reoffer-answered', answer: sdp, message: response });
  }

  /** A request of ours was refused, or failed without a response. */
  #fail(now: number, sent: SentRequest, status: number, response: SipResponse | undefined): void {
    if (this.#phase === 'ended' || sent.purpose === 'bye') return;
    if (sent.purpose === 'invite') {
      const cause = this.#cancelled ? 'cancelled' : status === 408 ? 'timeout' : 'transport';
      this.#end(now, cause, this.#cancelled ? 'local' : 'remote', undefined);
      return;
    }
    // "If the response for a request within a dialog is a 481 or a 408, the UAC SHOULD terminate the dialog.
    // A UAC SHOULD also terminate a dialog if no response at all is received" (RFC 3261 §12.2.1.2).
    if (status === 481) this.#end(now, 'gone', 'remote', response);
    else if (status === 408) this.#hangUp(now, 'timeout', 'remote', response);
    else if (sent.purpose === 'reoffer') this.#offerRefused(now, status, response);
    else if (sent.purpose === 'info') this.#emit({ kind: 'info-answered', status, response });
    else this.#updateRefused(now, status, response);
  }

  #offerRefused(now: number, status: number, response: SipResponse | undefined): void {
    this.#deadlines.clear('reoffer-patience');
    const delay = this.#retryDelay(response);
    if (delay !== undefined && this.#waiting.retryOffer(now + delay)) return;
    this.#waiting.takeOffer();
    this.#emit({ kind: 'reoffer-rejected', status, response });
  }

  #updateRefused(now: number, status: number, response: SipResponse | undefined): void {
    const delay = this.#retryDelay(response);
    if (delay !== undefined && this.#waiting.retryUpdate(now + delay)) return;
    this.#waiting.updateDone();
    this.#emit({ kind: 'update-answered', status, response });
  }

  #retryDelay(response: SipResponse | undefined): number | undefined {
    return response && retryDelay(response, this.direction === 'outgoing', this.#host.random);
  }

  // The end.

  /** Ends the session with a BYE, now or after the ACK that must come first. */
  #hangUp(now: number, cause: EndCause, by: SessionSide, message: SipMessage | undefined, options: HangUpOptions = {}) {
    if (this.#phase !== 'established') return;
    if (this.#serverInvite?.awaitsAck === true && cause !== 'transport') this.#hangUpAfterAck = options;
    else {
      this.#acknowledgeUnanswered(now);
      this.#sendBye(now, options);
    }
    this.#end(now, cause, by, message);
  }

  #sendBye(now: number, options: HangUpOptions): void {
    this.#hangUpAfterAck = undefined;
    const reason = options.reason === undefined ? [] : [{ name: 'Reason', value: options.reason }];
    this.#sendInDialog(now, 'bye', 'BYE', [...reason, ...(options.headers ?? [])]);
  }

  /** A 2xx whose offer was never answered still gets its ACK. */
  #acknowledgeUnanswered(now: number): void {
    const pending = this.#remoteOffer;
    if (pending?.kind !== 'accepted' || this.#dialog === undefined) return;
    this.#remoteOffer = undefined;
    this.#link.acknowledge(now, pending.transaction, pending.invite, this.#dialog);
  }

  #end(now: number, cause: EndCause, by: SessionSide, message: SipMessage | undefined): void {
    if (this.#phase === 'ended') return;
    this.#acknowledgeUnanswered(now);
    // "The UAS MUST still respond to any pending requests received for that dialog. It is RECOMMENDED that a
    // 487 (Request Terminated) response be generated" (RFC 3261 §15.1.2).
    if (this.#remoteOffer !== undefined) this.#refuseRemoteOffer(now, this.#remoteOffer, 487);
    for (const [transaction, { request, accepted }] of this.#link.sent) {
      if (request.method === 'INVITE' && !accepted) this.#host.endpoint.cancel(now, transaction);
    }
    this.#phase = 'ended';
    this.#deadlines.clearAll();
    this.#forks.clear();
    this.#waiting.clear();
    this.#emit({ kind: 'ended', cause, by, message });
  }

  // Sending.

  #sendInDialog(
    now: number,
    purpose: Purpose,
    method: string,
    headers: readonly SipHeader[],
    body?: Uint8Array,
  ): ClientTransactionId | undefined {
    if (this.#dialog === undefined) return undefined;
    const made = createInDialogRequest(this.#dialog, method, { headers, ...(body === undefined ? {} : { body }) });
    this.#dialog = made.dialog;
    return this.#link.send(now, purpose, made.request);
  }

  /** Sends a challenged request again with credentials and the next number (RFC 3261 §22.2); once. */
  #answerChallenge(now: number, sent: SentRequest, response: SipResponse): boolean {
    const { status } = response;
    if ((status !== 401 && status !== 407) || sent.challenged || this.#cancelled) return false;
    const credentials = this.#host.answerChallenge(sent.request, response);
    if (credentials === undefined) return false;
    const sequence = (this.#dialog?.localSequence ?? cseq(sent.request)?.sequence ?? 0) + 1;
    if (this.#dialog !== undefined) this.#dialog = { ...this.#dialog, localSequence: sequence };
    const numbered = withHeader(sent.request, 'CSeq', formatCSeq({ sequence, method: sent.request.method }));
    const transaction = this.#link.send(
      now,
      sent.purpose,
      withHeader(numbered, credentials.name, credentials.value),
      true,
    );
    if (sent.purpose === 'reoffer') this.#waiting.offerSent(transaction);
    return true;
  }

  #notePeer(message: SipMessage): void {
    const lines = headerValues(message, 'Allow');
    if (lines.length === 0) return;
    this.#peerAllow = new Set(lines.flatMap((line) => line.split(',')).map((method) => method.trim()));
  }

  #emit(event: SessionEvent): void {
    this.#host.emit(this, event);
  }

  /** What every command and input ends with. */
  #done(now: number, result: boolean): boolean {
    this.#sendWaiting(now);
    if (this.#phase === 'ended' && this.isSettled && this.#dialog !== undefined)
      this.#host.unbind(dialogKey(this.#dialog));
    this.#host.changed(now, this);
    return result;
  }
}

/** The dialog of a 2xx; a peer that forgot its Contact is asked for where we called it. */
function callerDialog(request: SipRequest, response: SipResponse): Dialog | undefined {
  return (
    createCallerDialog(request, response) ??
    createCallerDialog(request, withHeader(response, 'Contact', `<${request.uri}>`))
  );
}

function wrongCommand(message: string): SipError {
  return new SipError('sip.wrong-command', message);
}
