import { Deadlines } from '@trustline/base';
import type { Dialog } from '../dialog/dialog.ts';
import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import type { ClientTransactionId } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import { cseq, formatCSeq } from '../message/cseq.ts';
import { headerValues, withHeader } from '../message/headers.ts';
import { fromTag, toTag } from '../message/name-addr.ts';
import { remembered } from '../message/remembered.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from '../message/types.ts';
import type { HangUpOptions, MessageExtras } from './commands.ts';
import { EarlyDialogs } from './early-dialogs.ts';
import type { SessionEvent } from './events.ts';
import type { SessionHost } from './host.ts';
import type { InviteSession } from './invite-session.ts';
import { type KeptSession, resumedDialog } from './kept-session.ts';
import type { ReliableProvisionals } from './reliable-provisionals.ts';
import type { RemoteOffer } from './remote-offer.ts';
import type { ServerInvite } from './server-invite.ts';
import { type Purpose, type SentRequest, SessionLink } from './session-link.ts';
import { SessionTimer } from './session-timer.ts';
import { WaitingRequests } from './waiting-requests.ts';

export type SessionPhase =
  /** Our INVITE has no final response. */
  | 'calling'
  /** The peer's INVITE has no final response. */
  | 'incoming'
  | 'established'
  /** Over for its user; what lingers below acknowledges late responses and finishes its transactions. */
  | 'ended';

export type SessionDeadline =
  | 'ring'
  | 'expiry'
  | 'silence'
  | 'reoffer-patience'
  | 'update-patience'
  | 'session-refresh'
  | 'session-end';

/** A proxy and the far end may each want credentials, and each find a nonce stale. */
const MAXIMUM_CHALLENGES = 3;

/** The methods that an Allow names; a phone names the same in each of its messages. */
const methodsIn = remembered<ReadonlySet<string>>((line) => new Set(line.split(',').map((method) => method.trim())));

/** What the parts of one session share, and what each of them does with it. Nothing of it leaves the session. */
export class SessionState {
  readonly host: SessionHost;
  readonly owner: InviteSession;
  readonly direction: 'outgoing' | 'incoming';
  /** The INVITE that began the session. */
  readonly invite: SipRequest;
  readonly deadlines = new Deadlines<SessionDeadline>();
  readonly link: SessionLink;
  readonly waiting = new WaitingRequests();
  readonly forks: EarlyDialogs;
  /** Undefined where this user agent watches no session. */
  readonly timer: SessionTimer | undefined;
  phase: SessionPhase;
  /** Undefined until a response has made one; of a forked INVITE the one that was accepted. */
  dialog: Dialog | undefined;
  /** Our INVITE has been given up. */
  cancelled = false;
  /** The BYE that our 2xx still holds back until its ACK. */
  hangUpAfterAck: HangUpOptions | undefined;
  /** The provisional response to repeat. */
  ring: SipResponse | undefined;
  /** Our provisional responses that ask for a PRACK; undefined until one has gone. */
  reliable: ReliableProvisionals | undefined;
  /** The 2xx to the first INVITE that waits for a PRACK. */
  acceptance: { readonly sdp: Uint8Array; readonly options: MessageExtras } | undefined;
  /** The latest INVITE of the peer. */
  serverInvite: ServerInvite | undefined;
  remoteOffer: RemoteOffer | undefined;
  #peerAllow: ReadonlySet<string> | undefined;

  constructor(
    host: SessionHost,
    owner: InviteSession,
    direction: 'outgoing' | 'incoming',
    flow: SipFlow,
    invite: SipRequest,
    localTag: string,
  ) {
    this.host = host;
    this.owner = owner;
    this.direction = direction;
    this.invite = invite;
    this.link = new SessionLink(host, owner, flow, localTag);
    this.forks = new EarlyDialogs(host, owner);
    this.timer = host.sessionTimer === undefined ? undefined : new SessionTimer(host.sessionTimer);
    this.phase = direction === 'outgoing' ? 'calling' : 'incoming';
  }

  emit(event: SessionEvent): void {
    this.host.emit(this.owner, event);
  }

  /** The dialog, early or not, that a request of the peer belongs to. */
  dialogOf(request: SipRequest): Dialog | undefined {
    const tag = fromTag(request) ?? '';
    return this.dialog?.remoteTag === tag ? this.dialog : this.forks.get(tag)?.dialog;
  }

  /** Replaces a dialog after a request of the peer in it. */
  keep(dialog: Dialog): void {
    if (this.dialog?.remoteTag === dialog.remoteTag) this.dialog = dialog;
    this.forks.keep(dialog);
  }

  /** The methods of the peer's last Allow; undefined while it has sent none. */
  get peerAllow(): readonly string[] | undefined {
    return this.#peerAllow && [...this.#peerAllow];
  }

  /** Goes on as the session that another process had with this peer. */
  resume(now: number, { dialog, peerAllows, timer, refreshIn, endIn }: KeptSession): void {
    this.phase = 'established';
    this.dialog = resumedDialog(dialog);
    if (peerAllows !== undefined) this.#peerAllow = new Set(peerAllows);
    if (timer !== undefined) this.timer?.resume(timer);
    if (this.timer === undefined) return;
    if (refreshIn !== undefined) this.deadlines.set('session-refresh', now + refreshIn);
    if (endIn !== undefined) this.deadlines.set('session-end', now + endIn);
  }

  /** Takes note of the methods that a message of the peer allows. */
  notePeer(message: SipMessage): void {
    this.noteAllow(headerValues(message, 'Allow'));
  }

  /** The same from the lines of an Allow; none say nothing. */
  noteAllow(lines: readonly string[]): void {
    if (lines.length > 0) this.#peerAllow = methodsIn(lines.join(','));
  }

  /** Whether the peer has said that it takes a method; false while it has said nothing. */
  peerNames(method: string): boolean {
    return this.#peerAllow?.has(method) === true;
  }

  /** The peer has refused a method that it may have named. */
  noteRefused(method: string): void {
    this.#peerAllow = new Set([...(this.#peerAllow ?? [])].filter((one) => one !== method));
  }

  peerAllows(method: string): boolean {
    return this.#peerAllow?.has(method) ?? true;
  }

  sendInDialog(
    now: number,
    purpose: Purpose,
    method: string,
    headers: readonly SipHeader[],
    body?: Uint8Array,
  ): ClientTransactionId | undefined {
    if (this.dialog === undefined) return undefined;
    const made = createInDialogRequest(this.dialog, method, { headers, ...(body === undefined ? {} : { body }) });
    this.dialog = made.dialog;
    return this.link.send(now, purpose, made.request);
  }

  /** Sends a challenged request again with credentials and the next number (RFC 3261 §22.2). */
  answerChallenge(now: number, sent: SentRequest, response: SipResponse): boolean {
    const { status } = response;
    if ((status !== 401 && status !== 407) || sent.challenges >= MAXIMUM_CHALLENGES || this.cancelled) return false;
    const credentials = this.host.answerChallenge(sent.request, response, this.owner);
    if (credentials === undefined) return false;
    const dialog = this.dialog ?? this.forks.get(toTag(sent.request) ?? '')?.dialog;
    const sequence = (dialog?.localSequence ?? cseq(sent.request)?.sequence ?? 0) + 1;
    if (dialog !== undefined) this.keep({ ...dialog, localSequence: sequence });
    const numbered = withHeader(sent.request, 'CSeq', formatCSeq({ sequence, method: sent.request.method }));
    const credited = withHeader(numbered, credentials.name, credentials.value);
    const transaction = this.link.send(now, sent.purpose, credited, sent.challenges + 1);
    if (sent.purpose === 'reoffer') this.waiting.offerSent(transaction);
    return true;
  }
}
