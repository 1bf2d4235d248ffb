import type { Dialog } from '../dialog/dialog.ts';
import { dialogKey } from '../dialog/dialog-key.ts';
import { createAck } from '../dialog/in-dialog-request.ts';
import type { ClientTransactionId, ServerTransactionId } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import { cseq, formatCSeq } from '../message/cseq.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { sdpOf } from './body.ts';
import {
  acceptFirstInvite,
  handleAck,
  handleCancelled,
  loseServerInvite,
  rejectInvite,
  repeatAcceptance,
  repeatRing,
  ringInvite,
} from './callee-invite.ts';
import { cancelInvite, failInvite, handleInviteResponse } from './caller-invite.ts';
import type {
  HangUpOptions,
  InfoContent,
  MessageExtras,
  RejectOptions,
  ReofferOptions,
  RequestContent,
  RingOptions,
} from './commands.ts';
import { hangUp } from './ending.ts';
import { expireInvite, startExpiry } from './expiry.ts';
import type { SessionHost } from './host.ts';
import { beginningOf, type KeptSession } from './kept-session.ts';
import type { LocalOffer } from './local-offer.ts';
import { cancelOffer, failRequest, handleInDialogResponse, sendWaiting } from './own-requests.ts';
import { answerOffer, expireUpdate, rejectOffer } from './peer-offers.ts';
import { handlePeerRequest } from './peer-requests.ts';
import { repeatReliably } from './prack.ts';
import { endUnrefreshed, refresh } from './refreshing.ts';
import { withdrawRemoteOffer } from './remote-offer.ts';
import { ServerInvite } from './server-invite.ts';
import { type SessionDeadline, type SessionPhase, SessionState } from './session-state.ts';

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
  readonly #state: SessionState;
  /** The last number that the process before this one is known to have used; undefined for a session that began here. */
  #numberBefore: number | undefined;

  private constructor(
    host: SessionHost,
    id: string,
    direction: InviteSession['direction'],
    flow: SipFlow,
    invite: SipRequest,
    localTag: string,
  ) {
    this.id = id;
    this.direction = direction;
    this.invite = invite;
    this.localTag = localTag;
    this.callId = headerValue(invite, 'Call-ID') ?? '';
    this.#state = new SessionState(host, this, direction, flow, invite, localTag);
  }

  /** Sends the INVITE. */
  static place(
    now: number,
    host: SessionHost,
    id: string,
    flow: SipFlow,
    invite: SipRequest,
    localTag: string,
    silence?: number,
  ) {
    const session = new InviteSession(host, id, 'outgoing', flow, invite, localTag);
    session.#state.link.send(now, 'invite', invite);
    startExpiry(session.#state, now);
    if (silence !== undefined) session.#state.deadlines.set('silence', now + silence);
    return session;
  }

  /** Takes an INVITE that has come in outside any dialog; its ringing and answer are the user's. */
  static receive(
    now: number,
    host: SessionHost,
    id: string,
    flow: SipFlow,
    transaction: ServerTransactionId,
    invite: SipRequest,
    dialog: Dialog,
  ): InviteSession {
    const session = new InviteSession(host, id, 'incoming', flow, invite, dialog.localTag);
    session.#state.serverInvite = new ServerInvite(transaction, invite);
    session.#state.dialog = dialog;
    session.#state.notePeer(invite);
    startExpiry(session.#state, now);
    host.own(transaction, session);
    host.bind(dialogKey(dialog), session);
    return session;
  }

  /** Goes on with a session that another process had, as {@link keep} gave it there. */
  static resume(now: number, host: SessionHost, id: string, flow: SipFlow, kept: KeptSession): InviteSession {
    const { direction, dialog } = kept;
    const session = new InviteSession(host, id, direction, flow, beginningOf(kept), dialog.localTag);
    session.#state.resume(now, kept);
    session.#numberBefore = dialog.localSequence ?? 0;
    host.bind(dialogKey(dialog), session);
    return session;
  }

  /** What another process needs to go on with this session; undefined unless it is established. */
  keep(now: number): KeptSession | undefined {
    const { phase, dialog, direction, peerAllow, timer, deadlines } = this.#state;
    if (phase !== 'established' || dialog === undefined) return undefined;
    const [kept, refreshAt, endAt] = [timer?.keep(), deadlines.at('session-refresh'), deadlines.at('session-end')];
    return {
      direction,
      dialog,
      ...(peerAllow === undefined ? {} : { peerAllows: peerAllow }),
      ...(kept === undefined ? {} : { timer: kept }),
      ...(refreshAt === undefined ? {} : { refreshIn: refreshAt - now }),
      ...(endAt === undefined ? {} : { endIn: endAt - now }),
    };
  }

  /** Where requests go, and where the peer was heard last. */
  get flow(): SipFlow {
    return this.#state.link.flow;
  }

  get phase(): SessionPhase {
    return this.#state.phase;
  }

  /** The offer in the INVITE; undefined if the other side is to make it. */
  get initialOffer(): Uint8Array | undefined {
    return sdpOf(this.invite);
  }

  /** Undefined until a response has made one; of a forked INVITE the one that was accepted. */
  get dialog(): Dialog | undefined {
    return this.#state.dialog;
  }

  /** The dialog, or while it rings that of the branch which was heard first: what a Replaces header could name. */
  get namedDialog(): Dialog | undefined {
    return this.#state.dialog ?? this.#state.forks.first;
  }

  /** Nothing is left to do; the user agent forgets it. */
  get isSettled(): boolean {
    if (this.#state.phase !== 'ended') return false;
    return this.#state.link.isIdle && this.#state.serverInvite?.awaitsAck !== true;
  }

  /** Whether the peer's last Allow names a method; true while it has sent none. */
  peerAllows(method: string): boolean {
    return this.#state.peerAllows(method);
  }

  /** What our Contact says of us besides the address, from now on: `;isfocus` for a conference (RFC 4579 §5.1). */
  setContactParameters(parameters: string): void {
    this.#state.link.contactParameters = parameters;
  }

  /** Whether the peer's last Allow names a method; false while it has sent none. */
  peerNames(method: string): boolean {
    return this.#state.peerNames(method);
  }

  // Commands before the session is established.

  /** Answers the INVITE provisionally, 101 to 199; again to change the status or the early media. */
  ring(now: number, status: number, options: RingOptions = {}): boolean {
    return this.#done(now, ringInvite(this.#state, now, status, options));
  }

  /** Accepts the INVITE with the answer to its offer, or with an offer where it brought none. */
  accept(now: number, sdp: Uint8Array, options: MessageExtras = {}): boolean {
    return this.#done(now, acceptFirstInvite(this.#state, now, sdp, options));
  }

  /** Refuses the INVITE, 300 to 699; `ended` follows. */
  reject(now: number, status: number, options: RejectOptions = {}): boolean {
    return this.#done(now, rejectInvite(this.#state, now, status, options));
  }

  /**
   * Gives our INVITE up. `ended` comes with its final response; a 2xx that crosses the CANCEL is
   * acknowledged and ended with a BYE.
   */
  cancel(now: number, options: HangUpOptions = {}): boolean {
    return this.#done(now, cancelInvite(this.#state, now, options));
  }

  // Commands in the session.

  /**
   * Ends the session in any phase: CANCEL while it is calling, 480 while it is incoming, else BYE. A
   * callee's BYE waits for the ACK of its 2xx (RFC 3261 §15); `ended` comes at once all the same.
   */
  bye(now: number, options: HangUpOptions = {}): boolean {
    switch (this.#state.phase) {
      case 'calling':
        return this.cancel(now, options);
      case 'incoming':
        return this.reject(now, 480, options);
      case 'established':
        hangUp(this.#state, now, 'bye', 'local', undefined, options);
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
    return this.#done(now, answerOffer(this.#state, now, sdp, options));
  }

  /**
   * Refuses `offer` or `offer-requested`, for instance with 488: the session stays as it was. An offer in
   * a 2xx can only be answered or ended (RFC 3261 §13.2.2.4), so for that one the session ends.
   */
  rejectOffer(now: number, status: number, options: RejectOptions = {}): boolean {
    return this.#done(now, rejectOffer(this.#state, now, status, options));
  }

  /** With `holdAcks`: sends the ACK of the 2xx whose event has just come, with these headers; false if none waits. */
  acknowledge(now: number, options: MessageExtras = {}): boolean {
    return this.#done(now, this.#state.link.releaseAck(now, options.headers));
  }

  /** Sends an UPDATE without an offer, to show changed headers such as Call-Info; the latest call wins while one waits. */
  update(now: number, options: MessageExtras): boolean {
    if (this.#state.phase === 'ended' || !this.peerAllows('UPDATE')) return false;
    this.#state.waiting.wantUpdate(options.headers ?? []);
    return this.#done(now, true);
  }

  /**
   * Asks the peer whether it still has this session, and leaves the media as they are: refreshes it by an UPDATE without an
   * offer where the peer names that (RFC 4028 §7.4), else sends OPTIONS within the dialog (RFC 3261 §11). `update-answered`
   * or `request-answered` follows whatever the answer is, but for 481 and 408, which end the session (§12.2.1.2). False
   * unless it is established.
   */
  probe(now: number): boolean {
    const { phase, waiting } = this.#state;
    if (phase !== 'established') return false;
    if (this.#state.peerNames('UPDATE')) waiting.wantRefresh();
    else if (!waiting.queue({ purpose: 'probe' })) return false;
    return this.#done(now, true);
  }

  /** Sends an INFO, after those before it have been answered. */
  info(now: number, content: InfoContent): boolean {
    if (this.#state.phase === 'ended' || !this.#state.waiting.queue({ purpose: 'info', content })) return false;
    return this.#done(now, true);
  }

  /** Sends a request of the user's own, after those before it have been answered; `request-answered` follows. */
  request(now: number, content: RequestContent): boolean {
    if (this.#state.phase === 'ended' || !this.#state.waiting.queue({ purpose: 'request', content })) return false;
    return this.#done(now, true);
  }

  /** Answers a `request` event finally. A 2xx names our Contact, as those to REFER and NOTIFY have to (RFC 6665 §4.1.2). */
  answerRequest(
    now: number,
    transaction: ServerTransactionId,
    request: SipRequest,
    status: number,
    options: RejectOptions = {},
  ): boolean {
    const { link } = this.#state;
    const target = status < 300 ? link.contactHeaders() : [];
    link.refuse(now, transaction, request, status, { ...options, headers: [...target, ...(options.headers ?? [])] });
    return this.#done(now, true);
  }

  /** Sends what follows on another flow, for instance after the device has registered anew. */
  moveTo(now: number, flow: SipFlow): void {
    const from = this.#state.link.flow;
    if (from.id === flow.id) return;
    this.#state.link.flow = flow;
    this.#state.host.moved(this, from);
    this.#done(now, true);
  }

  // What the user agent hands in.

  /** @internal A request of the peer within a dialog of this session; `transaction` is undefined for an ACK. */
  handleRequest(now: number, flow: SipFlow, transaction: ServerTransactionId | undefined, request: SipRequest): void {
    if (transaction === undefined) handleAck(this.#state, now, request);
    else handlePeerRequest(this.#state, now, flow, transaction, request);
    this.#done(now, true);
  }

  /** @internal */
  handleResponse(now: number, transaction: ClientTransactionId, response: SipResponse): void {
    const sent = this.#state.link.sent.get(transaction);
    if (sent === undefined) return;
    if (response.status >= 200 && !sent.accepted) this.#state.notePeer(response);
    if (sent.purpose === 'invite') handleInviteResponse(this.#state, now, transaction, sent, response);
    else handleInDialogResponse(this.#state, now, transaction, sent, response);
    this.#done(now, true);
  }

  /**
   * @internal A 2xx to an INVITE that the process before this one has sent: it is repeated until its ACK arrives (RFC 3261
   * §13.3.1.4). False for any other.
   */
  acknowledgeForBefore(now: number, response: SipResponse): boolean {
    const { dialog, host, link } = this.#state;
    const number = cseq(response)?.sequence;
    if (dialog === undefined || number === undefined || number > (this.#numberBefore ?? -1)) return false;
    const invite = {
      ...this.invite,
      headers: [{ name: 'CSeq', value: formatCSeq({ sequence: number, method: 'INVITE' }) }],
    };
    host.endpoint.sendAck(now, link.flow, createAck(dialog, invite));
    return true;
  }

  /** @internal No final response came (408), or the flow is gone (503) (RFC 3261 §8.1.3.1). */
  handleFailure(now: number, transaction: ClientTransactionId | ServerTransactionId, status: 408 | 503): void {
    const { serverInvite, remoteOffer } = this.#state;
    const sent = this.#state.link.sent.get(transaction as ClientTransactionId);
    if (serverInvite?.transaction === transaction) loseServerInvite(this.#state, now, serverInvite);
    else if (remoteOffer?.kind === 'update' && remoteOffer.transaction === transaction) {
      this.#state.host.disown(transaction);
      withdrawRemoteOffer(this.#state, remoteOffer.request);
    } else if (sent !== undefined) {
      this.#state.link.forget(transaction as ClientTransactionId);
      // The transaction of an accepted INVITE ends by itself; that concerns nobody.
      if (!sent.accepted && sent.purpose === 'invite') failInvite(this.#state, now, status);
      else if (!sent.accepted) failRequest(this.#state, now, sent, status, undefined);
    }
    this.#done(now, true);
  }

  /** @internal The peer has given up an INVITE of its own. */
  handleCancelled(now: number, transaction: ServerTransactionId, cancel: SipRequest): void {
    handleCancelled(this.#state, now, transaction, cancel);
    this.#done(now, true);
  }

  /** @internal */
  handleFlowClosed(now: number): void {
    if (this.#state.phase === 'established') this.#state.emit({ kind: 'flow-lost' });
    this.#done(now, true);
  }

  nextDeadline(): number | undefined {
    const { deadlines, link, waiting, serverInvite, reliable } = this.#state;
    const own = earlier(deadlines.next(), link.acks.nextDeadline());
    const others = earlier(serverInvite?.nextDeadline(), reliable?.nextDeadline());
    return earlier(earlier(own, waiting.nextDeadline()), others);
  }

  /** @internal */
  handleTime(now: number): void {
    this.#state.link.expireAcks(now);
    this.#state.waiting.handleTime(now);
    repeatAcceptance(this.#state, now);
    repeatReliably(this.#state, now);
    const { deadlines } = this.#state;
    for (let timer = deadlines.takeDue(now); timer !== undefined; timer = deadlines.takeDue(now)) {
      this.#runTimer(now, timer);
    }
    this.#done(now, true);
  }

  #runTimer(now: number, timer: SessionDeadline): void {
    switch (timer) {
      case 'ring':
        repeatRing(this.#state, now);
        return;
      case 'expiry':
        expireInvite(this.#state, now);
        return;
      case 'silence':
        this.#state.emit({ kind: 'silent' });
        return;
      case 'reoffer-patience':
        cancelOffer(this.#state, now);
        return;
      case 'update-patience':
        expireUpdate(this.#state, now);
        return;
      case 'session-refresh':
        refresh(this.#state, now);
        return;
      case 'session-end':
        endUnrefreshed(this.#state, now);
        return;
    }
  }

  #wantOffer(now: number, wanted: Pick<LocalOffer, 'method' | 'sdp' | 'headers'>): boolean {
    if (this.#state.phase === 'ended' || !this.#state.waiting.wantOffer(wanted)) return false;
    return this.#done(now, true);
  }

  /** What every command and input ends with. */
  #done(now: number, result: boolean): boolean {
    sendWaiting(this.#state, now);
    const { dialog, host } = this.#state;
    if (this.isSettled && dialog !== undefined) host.unbind(dialogKey(dialog));
    host.changed(now, this);
    return result;
  }
}

/** Of two moments that may never be. */
function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
