import { assertNever } from '@trustline/base';
import type { SecurityLevel } from '@trustline/evidence';
import { type DtmfDigit, dtmfEventOf } from '@trustline/rtp';
import {
  formatHost,
  formatReferTo,
  formatWarning,
  type InviteSession,
  type Replaces,
  readReferNotice,
  type ServerTransactionId,
  type SessionEvent,
  type SipFlow,
  type SipHeader,
  type SipMessage,
  type SipRequest,
} from '@trustline/sip';
import { type AgreedMedia, CallMedia, type CallMediaOptions, type MediaEndpoint } from './call-media.ts';
import { type EndedCall, endingOfCause, endingOfStatus, hasWarning, sentenceOf, sentenceOfCause } from './ending.ts';
import { levelOfLeg, type MediaSecurity, securityShown, weaker } from './security.ts';

/** How long a call may be established without a stream of audio before it is hung up, in milliseconds. */
export const SILENCE_PATIENCE = 10_000;

/** What happens in a call. */
export type CallEvent =
  /** The far end is alerted. */
  | { readonly kind: 'ringing' }
  /**
   * Use this for the call's audio from now on; undefined: there is none, for now. The keys in it are the receiver's to
   * clear once they are in use.
   */
  | { readonly kind: 'media'; readonly media: AgreedMedia | undefined }
  | { readonly kind: 'established' }
  /** How secure the whole call is, as far as this phone can tell: what the manager shows, and never above our own leg. */
  | { readonly kind: 'level'; readonly level: SecurityLevel }
  /** What the manager says beside the level: that what protects the signalling further on is gone, or is back. */
  | { readonly kind: 'notice'; readonly text: string }
  /** The encrypted offer was refused, and the policy lets the call be tried in the clear. */
  | { readonly kind: 'downgraded'; readonly reason: string }
  /** We hold, or are held. */
  | { readonly kind: 'hold'; readonly local: boolean; readonly remote: boolean }
  /** A re-offer of ours was refused; the call stays as it was. */
  | { readonly kind: 'offer-refused'; readonly status: number; readonly reason: string }
  /** An offer of the far end was refused by us; the call stays as it was. */
  | { readonly kind: 'refused-offer'; readonly reason: string }
  /** A digit that came as SIP INFO. */
  | { readonly kind: 'digit'; readonly digit: DtmfDigit }
  /** How a transfer goes that we asked for (RFC 3515). When it has failed, the call goes on. */
  | { readonly kind: 'transfer'; readonly state: TransferProgress; readonly status: number; readonly reason: string }
  | ({ readonly kind: 'ended' } & EndedCall);

export type TransferProgress = 'accepted' | 'ringing' | 'done' | 'failed';

export interface PhoneCallPorts {
  /** Places an INVITE with this offer for the same call. */
  place(now: number, offer: Uint8Array): InviteSession;
  emit(event: CallEvent): void;
  readonly security: MediaSecurity;
  readonly media: Omit<CallMediaOptions, 'security'>;
}

/** One call of the phone: a session of the user agent with its media, and what a person is told of it. */
export class PhoneCall {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  /** The far end's number, and its name where it told one. */
  readonly number: string;
  readonly displayName: string | undefined;
  readonly #ports: PhoneCallPorts;
  #session: InviteSession | undefined;
  #media: CallMedia | undefined;
  #endpoint: MediaEndpoint | undefined;
  #shown: SecurityLevel | undefined;
  /** What the manager has said beside it last. */
  #notice: string | undefined;
  #level: SecurityLevel | undefined;
  #mediaIsProtected: boolean | undefined;
  #established = false;
  #ended = false;
  #holdShown = { local: false, remote: false };
  /** What the last re-offer would change back if it is refused. */
  #holdBefore = false;
  /** Why we ended it ourselves, beyond that somebody wished so. */
  #verdict: Pick<EndedCall, 'ending' | 'reason'> | undefined;
  #rejected: { readonly status: number; readonly response: SipMessage } | undefined;
  #silentUntil: number | undefined;
  /** The far end's tag while it rings. */
  #ringingTag: string | undefined;

  constructor(
    id: string,
    direction: PhoneCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    ports: PhoneCallPorts,
  ) {
    this.id = id;
    this.direction = direction;
    this.number = far.number;
    this.displayName = far.displayName;
    this.#ports = ports;
  }

  get session(): InviteSession | undefined {
    return this.#session;
  }

  get isEstablished(): boolean {
    return this.#established && !this.#ended;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  get level(): SecurityLevel | undefined {
    return this.#level;
  }

  /** Calls. */
  place(now: number, endpoint: MediaEndpoint): void {
    this.#endpoint = endpoint;
    const { security, media } = this.#ports;
    if (security === 'require' && !media.signallingIsProtected) {
      this.#end({
        ending: 'refused-for-security',
        by: 'local',
        status: undefined,
        reason: 'This phone takes encrypted media only, and keys may not be told over signalling without TLS',
      });
      return;
    }
    this.#media = new CallMedia(endpoint, { ...media, security });
    this.#session = this.#ports.place(now, this.#media.offer());
  }

  /** A call has come in. */
  receive(now: number, session: InviteSession, request: SipRequest): void {
    this.#session = session;
    this.#noteLevel(request);
    session.ring(now, 180);
  }

  /** Answers a call that came in. */
  answer(now: number, endpoint: MediaEndpoint): boolean {
    const session = this.#session;
    if (session?.phase !== 'incoming') return false;
    this.#endpoint = endpoint;
    const { security, media: options } = this.#ports;
    const media = new CallMedia(endpoint, { ...options, security });
    this.#media = media;
    const offer = session.initialOffer;
    if (offer === undefined) {
      if (security !== 'require' || media.offersProtection) return session.accept(now, media.offer());
      return this.#refuseForMedia(
        now,
        'This phone takes encrypted media only, and its signalling is not protected',
        true,
      );
    }
    const outcome = media.answer(offer);
    if (outcome.kind === 'refused') return this.#refuseForMedia(now, outcome.warning, outcome.security);
    if (!session.accept(now, outcome.sdp)) return false;
    this.#agree(now, outcome.media);
    return true;
  }

  /** Refuses a call that came in, 300 to 699. */
  refuse(now: number, status: number): boolean {
    this.#verdict ??= { ending: status === 486 ? 'busy' : 'refused', reason: 'This phone refused the call' };
    return this.#session?.reject(now, status) ?? false;
  }

  hangUp(now: number): boolean {
    return this.#session?.bye(now, { reason: 'Q.850;cause=16' }) ?? false;
  }

  /** Puts the far end on hold, or takes it off. */
  hold(now: number, holding: boolean): boolean {
    return this.#reoffer(now, { holding });
  }

  /**
   * Has the far end talk to somebody else in our place (RFC 3515): at this URI, or in the call of ours that `replaces`
   * names (RFC 3891). `transfer` events say how it goes.
   */
  transfer(now: number, uri: string, replaces?: Replaces): boolean {
    if (!this.isEstablished) return false;
    const referTo = { name: 'Refer-To', value: formatReferTo({ uri, replaces }) };
    return this.#session?.request(now, { method: 'REFER', headers: [referTo] }) === true;
  }

  /** How this call is named to whoever is to take it over; undefined before the far end has said anything. */
  get replaces(): Replaces | undefined {
    const session = this.#session;
    const toTag = session?.dialog?.remoteTag ?? this.#ringingTag;
    if (session === undefined || toTag === undefined) return undefined;
    return { callId: session.callId, toTag, fromTag: session.localTag, earlyOnly: false };
  }

  /** Replaces the keys we send with. */
  renewKeys(now: number): boolean {
    return this.#reoffer(now, { newKeys: true });
  }

  /** The connection was opened anew: goes on there, and asks the far end whether it still knows the call. */
  moveTo(now: number, flow: SipFlow): void {
    if (!this.isEstablished) return;
    this.#session?.moveTo(now, flow);
    this.#session?.update(now, {});
  }

  nextDeadline(): number | undefined {
    return this.#silentUntil;
  }

  handleTime(now: number): void {
    if (this.#silentUntil === undefined || now < this.#silentUntil) return;
    this.#silentUntil = undefined;
    this.#hangUpFor(now, 'failed', 'The far end took no audio');
  }

  handle(now: number, event: SessionEvent): void {
    switch (event.kind) {
      case 'progress':
        this.#noteLevel(event.response);
        this.#ringingTag = event.toTag;
        if (event.status === 180 || event.status === 183) this.#ports.emit({ kind: 'ringing' });
        if (event.earlyAnswer !== undefined) this.#preview(event.earlyAnswer);
        return;
      case 'accepted':
        this.#noteLevel(event.response);
        this.#takeAnswer(now, event.answer);
        return;
      case 'accepted-with-offer': // only an INVITE without an offer gets one, and we send none
        this.#hangUpFor(now, 'failed', 'The far end offered where it had to answer');
        return;
      case 'rejected':
        this.#rejected = { status: event.status, response: event.response };
        return;
      case 'acknowledged':
        this.#noteLevel(event.message); // of a late offer, the ACK tells what the answer has led to
        if (event.answer !== undefined) this.#takeAnswer(now, event.answer);
        else this.#establish();
        return;
      case 'offer':
        this.#noteLevel(event.message);
        this.#answerOffer(now, event.offer);
        return;
      case 'offer-requested':
        this.#noteLevel(event.message);
        // As if the call began anew (RFC 3261 §14.2), with a partner who may be another one: so with new keys.
        if (this.#media !== undefined) this.#session?.answerOffer(now, this.#media.offer({ newKeys: true }));
        return;
      case 'reoffer-answered':
        this.#noteLevel(event.message);
        this.#takeAnswer(now, event.answer);
        return;
      case 'reoffer-rejected':
        this.#media?.offerRefused(this.#holdBefore);
        this.#ports.emit({
          kind: 'offer-refused',
          status: event.status,
          reason: sentenceOf(event.response) ?? `refused with ${event.status}`,
        });
        return;
      case 'updated':
        this.#noteLevel(event.message);
        return;
      case 'refresh-wanted':
        this.#reoffer(now, {});
        return;
      case 'info': {
        const digit = digitOfInfo(event.message);
        if (digit !== undefined) this.#ports.emit({ kind: 'digit', digit });
        return;
      }
      case 'offer-withdrawn':
      case 'silent': // it is not asked for
      case 'fork-accepted':
      case 'update-answered':
      case 'info-answered':
      case 'flow-lost': // the phone connects again and moves the call there
        return;
      case 'request-answered':
        if (event.method !== 'REFER') return;
        if (event.status < 300) this.#transfers('accepted', event.status, '');
        else this.#transfers('failed', event.status, sentenceOf(event.response) ?? `refused with ${event.status}`);
        return;
      case 'request':
        this.#notified(now, event.transaction, event.message);
        return;
      case 'ended':
        this.#sessionEnded(now, event);
        return;
      default:
        assertNever(event);
    }
  }

  /** A NOTIFY about a transfer that we asked for. When it has come about, this call is over (RFC 5589 §6.1). */
  #notified(now: number, transaction: ServerTransactionId, request: SipRequest): void {
    const notice = readReferNotice(request);
    if (notice === undefined) {
      this.#session?.answerRequest(now, transaction, request, 489);
      return;
    }
    this.#session?.answerRequest(now, transaction, request, 200);
    const { status, reason } = notice;
    if (status >= 300) this.#transfers('failed', status, reason);
    else if (status >= 200) this.#transfers('done', status, reason);
    else if (status > 100) this.#transfers('ringing', status, reason);
    if (status >= 200 && status < 300) this.hangUp(now);
  }

  #transfers(state: TransferProgress, status: number, reason: string): void {
    this.#ports.emit({ kind: 'transfer', state, status, reason });
  }

  #sessionEnded(now: number, event: Extract<SessionEvent, { readonly kind: 'ended' }>): void {
    const rejected = this.#rejected;
    if (rejected !== undefined && this.#retryInTheClear(now, rejected)) return;
    const status = rejected?.status;
    const ending =
      this.#verdict?.ending ??
      (rejected === undefined
        ? endingOfCause(event.cause, this.#established, event.message)
        : endingOfStatus(rejected.status, rejected.response, this.#media?.offersProtection === true));
    const reason = this.#verdict?.reason ?? sentenceOf(event.message) ?? sentenceOfCause(event.cause, event.by);
    this.#end({ ending, by: event.by, status, reason });
  }

  /** A 488 with a Warning says that the far end takes no SRTP; `prefer` alone lets the call be clear then. */
  #retryInTheClear(
    now: number,
    { status, response }: { readonly status: number; readonly response: SipMessage },
  ): boolean {
    const endpoint = this.#endpoint;
    const offered = this.#media?.offersProtection === true;
    if (this.#ports.security !== 'prefer' || status !== 488 || !offered || !hasWarning(response)) return false;
    if (endpoint === undefined || this.#established || this.#verdict !== undefined) return false;
    this.#media?.close();
    this.#rejected = undefined;
    this.#shown = undefined;
    this.#media = new CallMedia(endpoint, { ...this.#ports.media, security: 'clear' });
    this.#ports.emit({ kind: 'downgraded', reason: sentenceOf(response) ?? 'the far end takes no SRTP' });
    this.#session = this.#ports.place(now, this.#media.offer());
    return true;
  }

  #preview(answer: Uint8Array): void {
    const outcome = this.#media?.takeAnswer(answer, { preview: true });
    if (outcome?.kind === 'agreed') this.#ports.emit({ kind: 'media', media: outcome.media });
  }

  #takeAnswer(now: number, answer: Uint8Array): void {
    const outcome = this.#media?.takeAnswer(answer);
    switch (outcome?.kind) {
      case 'agreed':
        this.#agree(now, outcome.media);
        this.#establish();
        return;
      case 'no-stream':
        // The manager may refuse the stream for now and offer it at once under another suite.
        this.#agree(now, undefined);
        this.#establish();
        return;
      case 'refused':
        this.#hangUpFor(now, outcome.security ? 'refused-for-security' : 'failed', outcome.warning);
        return;
      case undefined:
    }
  }

  #answerOffer(now: number, offer: Uint8Array): void {
    const media = this.#media;
    const session = this.#session;
    if (media === undefined || session === undefined) return;
    const outcome = media.answer(offer);
    if (outcome.kind === 'refused') {
      // "the session parameters remain unchanged, as if no re-INVITE had been issued" (RFC 3261 §14.1): never clear.
      session.rejectOffer(now, 488, { headers: [warningHeader(session.flow, outcome.warning)] });
      this.#ports.emit({ kind: 'refused-offer', reason: outcome.warning });
      return;
    }
    if (!session.answerOffer(now, outcome.sdp)) return;
    this.#agree(now, outcome.media);
    // An offer of ours that waits for its turn describes what is no more: it is written anew.
    if (media.isOffering) session.reoffer(now, media.offer());
  }

  #reoffer(now: number, change: { readonly holding?: boolean; readonly newKeys?: boolean }): boolean {
    const media = this.#media;
    if (!this.isEstablished || media === undefined || media.isOffering) return false;
    this.#holdBefore = media.isHolding;
    const offer = media.offer(change);
    if (this.#session?.reoffer(now, offer) === true) return true;
    media.offerRefused(this.#holdBefore);
    return false;
  }

  #agree(now: number, media: AgreedMedia | undefined): void {
    this.#silentUntil = media === undefined ? (this.#silentUntil ?? now + SILENCE_PATIENCE) : undefined;
    this.#ports.emit({ kind: 'media', media });
    this.#mediaIsProtected = media === undefined ? undefined : media.agreement.protection !== 'clear';
    this.#showLevel();
    const local = this.#media?.isHolding === true;
    const remote = media !== undefined && !media.agreement.sends;
    if (local !== this.#holdShown.local || remote !== this.#holdShown.remote) {
      this.#holdShown = { local, remote };
      this.#ports.emit({ kind: 'hold', local, remote });
    }
  }

  #establish(): void {
    if (this.#established) return;
    this.#established = true;
    this.#ports.emit({ kind: 'established' });
  }

  #noteLevel(message: SipMessage): void {
    const shown = securityShown(message);
    this.#shown = shown?.level ?? this.#shown;
    this.#showLevel();
    if (shown === undefined) return;
    const { notice } = shown;
    if (notice !== undefined && notice !== this.#notice) this.#ports.emit({ kind: 'notice', text: notice });
    this.#notice = notice;
  }

  #showLevel(): void {
    if (this.#mediaIsProtected === undefined && this.#shown === undefined) return;
    const own = levelOfLeg(this.#ports.media.signallingIsProtected, this.#mediaIsProtected ?? true);
    const level = this.#shown === undefined ? own : weaker(own, this.#shown);
    if (level === this.#level) return;
    this.#level = level;
    this.#ports.emit({ kind: 'level', level });
  }

  #refuseForMedia(now: number, warning: string, security: boolean): false {
    const session = this.#session;
    this.#verdict = { ending: security ? 'refused-for-security' : 'failed', reason: warning };
    if (session === undefined) return false;
    const headers = [warningHeader(session.flow, warning)];
    if (security && this.#ports.security === 'require') headers.push(securityRequired);
    session.reject(now, 488, { headers });
    return false;
  }

  #hangUpFor(now: number, ending: EndedCall['ending'], reason: string): void {
    this.#verdict = { ending, reason };
    const session = this.#session;
    if (session !== undefined) session.bye(now, { headers: [warningHeader(session.flow, reason)] });
  }

  #end(ended: EndedCall): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#silentUntil = undefined;
    this.#media?.close();
    this.#ports.emit({ kind: 'ended', ...ended });
  }
}

/** RFC 3261 §20.43, code 399: for people. */
/** Tells a caller that offered no keys why it is 488, which alone may mean a codec (RFC 3326, RFC 6432; Q.850 57). */
const securityRequired: SipHeader = { name: 'Reason', value: 'Q.850;cause=57;text="security-required"' };

function warningHeader({ local }: SipFlow, text: string): SipHeader {
  return {
    name: 'Warning',
    value: formatWarning({ code: 399, agent: `${formatHost(local.host)}:${local.port}`, text }),
  };
}

/** `application/dtmf-relay` (`Signal=5`) and `application/dtmf` (`5`), which older phones send. */
function digitOfInfo(message: SipRequest): DtmfDigit | undefined {
  const text = new TextDecoder().decode(message.body.subarray(0, 256));
  const digit = (/^\s*Signal\s*=\s*([0-9*#A-D])\s*$/im.exec(text) ??
    /^\s*([0-9*#A-D])\s*$/i.exec(text))?.[1]?.toUpperCase();
  return digit === undefined || dtmfEventOf(digit) === undefined ? undefined : (digit as DtmfDigit);
}
