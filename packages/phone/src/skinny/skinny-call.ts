import type { SecurityLevel } from '@trustline/evidence';
import { type DtmfDigit, dtmfEventOf } from '@trustline/rtp';
import {
  CallSecurityStatus,
  CallState,
  DeviceTone,
  MediaStatus,
  type PhoneCall as ShownCall,
  SoftKeyEvent,
  type StreamRequest,
} from '@trustline/sccp';
import type { MediaEndpoint } from '../call/call-media.ts';
import type { CallEnding, EndedCall } from '../call/ending.ts';
import type { CallEvent } from '../call/phone-call.ts';
import { levelOfLeg, weaker } from '../call/security.ts';
import { endingOfWords, isAboutProtection } from './end-words.ts';
import { SkinnyMedia, type StreamRefusal } from './skinny-media.ts';
import type { StreamPolicy } from './stream-keys.ts';

/** What a call does at the phone's session with its manager. */
export interface SkinnyCallPorts {
  readonly policy: StreamPolicy;
  pressSoftKey(softKey: number, call: SkinnyCall): void;
  /** Presses a key of the key pad in this call. */
  press(digit: string, call: SkinnyCall): void;
  emit(event: CallEvent): void;
  /** The manager may still say how secure the call is: {@link SkinnyCall.settleLevel} is to be called in a moment. */
  awaitLevel(call: SkinnyCall): void;
}

const levels: Readonly<Record<number, SecurityLevel>> = {
  [CallSecurityStatus.NotAuthenticated]: 'non-secure',
  [CallSecurityStatus.Authenticated]: 'authenticated',
  [CallSecurityStatus.Encrypted]: 'encrypted',
};

/** What a state means in which the manager leaves a call that has come to nothing, until the user goes on hook. */
const failures: Readonly<Record<number, CallEnding>> = {
  [CallState.Busy]: 'busy',
  [CallState.Congestion]: 'failed',
  [CallState.InvalidNumber]: 'no-such-number',
};

const digitOfTone: ReadonlyMap<number, string> = new Map<number, string>([
  ...Array.from('1234567890', (digit, at) => [DeviceTone.Dtmf1 + at, digit] as const),
  [DeviceTone.DtmfStar, '*'],
  [DeviceTone.DtmfPound, '#'],
  ...Array.from('ABCD', (digit, at) => [DeviceTone.DtmfA + at, digit] as const),
]);

type Transfer =
  /** The manager was asked for a call to whom the far end is to be transferred. */
  'consulting' | 'asked';

/** One call of a phone that speaks Skinny, as its manager tells of it. Sans-IO. */
export class SkinnyCall {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly number: string;
  readonly displayName: string | undefined;
  /** The call whose far end this one may be joined with. */
  readonly consultingFor: SkinnyCall | undefined;
  /** By which the manager names it; undefined before it has begun it. */
  reference: number | undefined;
  line: number;
  readonly #ports: SkinnyCallPorts;
  #media: SkinnyMedia | undefined;
  #established = false;
  #ended = false;
  #rings = false;
  #holding = false;
  /** The lock that the manager shows. */
  #shown: SecurityLevel | undefined;
  /** That lock is of the call with its media, and not of what was known before there were any. */
  #shownIsSettled = false;
  #level: SecurityLevel | undefined;
  #failing: CallEnding | undefined;
  #notice: string | undefined;
  #verdict: { readonly ending: CallEnding; readonly reason: string } | undefined;
  #transfer: Transfer | undefined;

  constructor(
    id: string,
    direction: SkinnyCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    line: number,
    ports: SkinnyCallPorts,
    consultingFor?: SkinnyCall,
  ) {
    this.id = id;
    this.direction = direction;
    this.number = far.number;
    this.displayName = far.displayName;
    this.line = line;
    this.consultingFor = consultingFor;
    this.#ports = ports;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  get isEstablished(): boolean {
    return this.#established && !this.#ended;
  }

  /** Whether the manager was asked to join it with a consultation, and has not yet. */
  get isBeingTransferred(): boolean {
    return this.#transfer === 'asked';
  }

  /** Where its media are received. */
  get endpoint(): MediaEndpoint | undefined {
    return this.#media?.endpoint;
  }

  useEndpoint(endpoint: MediaEndpoint): void {
    this.#media = new SkinnyMedia(endpoint, this.#ports.policy);
  }

  /** Takes the call that rings. */
  answer(): boolean {
    if (this.direction !== 'incoming' || this.#established || this.#ended) return false;
    this.#ports.pressSoftKey(SoftKeyEvent.Answer, this);
    return true;
  }

  hold(holding: boolean): boolean {
    if (!this.isEstablished || holding === this.#holding) return false;
    this.#ports.pressSoftKey(holding ? SoftKeyEvent.Hold : SoftKeyEvent.Resume, this);
    return true;
  }

  /** Somebody is called whom the far end is to talk to in our place; false where that is not possible. */
  beginTransfer(): boolean {
    if (!this.isEstablished || this.#transfer !== undefined) return false;
    this.#transfer = 'consulting';
    this.#transfers('accepted', 'the manager begins a call to that number');
    return true;
  }

  /** Has the far end talk to whom this call, begun for that, is with. */
  join(consultation: SkinnyCall): boolean {
    const isConsultation = consultation.consultingFor === this && consultation.reference !== undefined;
    if (!this.isEstablished || !isConsultation || consultation.isEnded || this.#transfer === 'asked') return false;
    this.#transfer = 'asked';
    this.#ports.pressSoftKey(SoftKeyEvent.Transfer, consultation);
    return true;
  }

  /** The transfer came to nothing: the call goes on. */
  transferFailed(reason: string): void {
    if (this.#transfer === undefined || this.#ended) return;
    this.#transfer = undefined;
    this.#transfers('failed', reason);
  }

  /** What the manager shows by now is how secure the call is. */
  settleLevel(): void {
    this.#shownIsSettled = true;
    if (!this.#ended) this.#showLevel();
  }

  /** Sends digits beside the media. */
  press(digits: string): boolean {
    const keys = Array.from(digits.toUpperCase());
    if (!this.isEstablished || keys.some((key) => dtmfEventOf(key) === undefined)) return false;
    for (const key of keys) this.#ports.press(key, this);
    return true;
  }

  hangUp(): boolean {
    if (this.#ended) return false;
    this.#verdict ??= this.#established
      ? { ending: 'completed', reason: 'this phone hung up' }
      : this.direction === 'incoming'
        ? { ending: 'refused', reason: 'this phone refused the call' }
        : { ending: 'cancelled', reason: 'this phone gave the call up' };
    if (this.reference !== undefined) this.#ports.pressSoftKey(SoftKeyEvent.EndCall, this);
    this.#end('local', this.#verdict);
    return true;
  }

  /** The call as its manager shows it now. */
  see(shown: ShownCall): void {
    if (this.#ended) return;
    this.line = shown.line;
    if (shown.securityStatus !== CallSecurityStatus.Unknown) {
      const level = levels[shown.securityStatus] ?? 'non-secure';
      if (level !== this.#shown && this.#media?.isProtected !== undefined) this.#shownIsSettled = true;
      this.#shown = level;
      this.#showLevel();
    }
    switch (shown.state) {
      case CallState.RingOut:
        if (this.#rings || this.#established) return;
        this.#rings = true;
        this.#ports.emit({ kind: 'ringing' });
        return;
      case CallState.Connected:
        if (!this.#established) {
          this.#established = true;
          this.#ports.emit({ kind: 'established' });
          this.#showLevel();
        } else this.#holds(false);
        this.notice(shown.prompt);
        return;
      case CallState.Hold:
        this.#holds(true);
        return;
      case CallState.OnHook:
        this.#endedByManager();
        return;
      default: {
        const failure = failures[shown.state];
        if (failure === undefined) return;
        if (this.#failing === undefined) this.#failing = failure;
        else if (shown.prompt !== '') this.#failed(shown.prompt);
      }
    }
  }

  /** Words that the manager shows: those about protection are told on, once. */
  notice(text: string): void {
    if (!this.isEstablished) return;
    const isNew = text !== this.#notice;
    this.#notice = isAboutProtection(text) ? text : undefined;
    if (isNew && this.#notice !== undefined) this.#ports.emit({ kind: 'notice', text });
  }

  /** The manager has the phone play a tone in this call; undefined ends it. */
  hearTone(tone: number | undefined): void {
    if (this.#ended || tone === undefined) return;
    if (this.#failing !== undefined) this.#failed('the manager gives no reason');
    const digit = digitOfTone.get(tone);
    if (digit !== undefined && this.#established) this.#ports.emit({ kind: 'digit', digit: digit as DtmfDigit });
  }

  /** The manager wants a stream received. Returns where, or why not. */
  openReceiveChannel(stream: StreamRequest): MediaEndpoint | { readonly status: number } {
    const media = this.#media;
    if (media === undefined) return { status: MediaStatus.OutOfSockets };
    const refusal = media.receive(stream);
    if (refusal !== undefined) return this.#refuse(refusal);
    this.#agree();
    return media.endpoint;
  }

  startTransmission(stream: StreamRequest, address: string, port: number): MediaEndpoint | { readonly status: number } {
    const media = this.#media;
    if (media === undefined) return { status: MediaStatus.OutOfSockets };
    const refusal = media.send(stream, address, port);
    if (refusal !== undefined) return this.#refuse(refusal);
    this.#agree();
    return media.endpoint;
  }

  stopStream(direction: 'receiving' | 'sending', passThroughPartyId: number): void {
    if (this.#media?.stop(direction, passThroughPartyId) === true) this.#agree();
  }

  /** A key pad has not what was to be dialled. */
  cannotDial(): void {
    this.#end('local', {
      ending: 'no-such-number',
      reason: 'a key pad has digits, A to D, *, # and +, and a number at most 24',
    });
  }

  /** The manager cannot be reached any more: it ends the calls of a phone that is lost to it. */
  lose(reason: string): void {
    this.#end('remote', { ending: 'unreachable', reason });
  }

  #refuse({ status, reason }: StreamRefusal): { readonly status: number } {
    this.#verdict = { ending: 'refused-for-security', reason };
    if (status === MediaStatus.InvalidCodec) this.#verdict = { ending: 'failed', reason };
    this.hangUp();
    return { status };
  }

  #agree(): void {
    if (this.#ended) return;
    this.#ports.emit({ kind: 'media', media: this.#media?.agreed() });
    this.#showLevel();
  }

  #holds(holding: boolean): void {
    if (!this.#established || holding === this.#holding) return;
    this.#holding = holding;
    this.#ports.emit({ kind: 'hold', local: holding, remote: false });
  }

  /** The lock of the manager, and never more than this phone's own leg is worth. */
  #showLevel(): void {
    const mediaIsProtected = this.#media?.isProtected;
    const isFirst = this.#level === undefined;
    // Before there is a voice the manager shows what the call is worth so far, which is next to nothing.
    if (isFirst && (!this.#established || mediaIsProtected === undefined)) return;
    const own = levelOfLeg(this.#ports.policy.signallingIsProtected, mediaIsProtected ?? true);
    const level = this.#shown === undefined ? own : weaker(own, this.#shown);
    if (level === this.#level) return;
    if (isFirst && level !== own && mediaIsProtected === true && !this.#shownIsSettled) {
      this.#ports.awaitLevel(this);
      return;
    }
    this.#level = level;
    this.#ports.emit({ kind: 'level', level });
  }

  #failed(reason: string): void {
    const ending = endingOfWords(reason) ?? this.#failing ?? 'failed';
    if (this.reference !== undefined) this.#ports.pressSoftKey(SoftKeyEvent.EndCall, this);
    this.#end('remote', this.#verdict ?? { ending, reason });
  }

  #endedByManager(): void {
    if (this.#transfer === 'asked') this.#transfers('done', 'the far end talks to the other');
    this.#transfer = undefined;
    if (this.#verdict !== undefined) this.#end('local', this.#verdict);
    else if (this.#failing !== undefined)
      this.#end('remote', { ending: this.#failing, reason: 'the manager ended it' });
    else if (this.#established) this.#end('remote', { ending: 'completed', reason: 'the far end hung up' });
    else if (this.direction === 'incoming') {
      this.#end('remote', { ending: 'cancelled', reason: 'the caller gave the call up' });
    } else this.#end('remote', { ending: 'failed', reason: 'the manager ended the call' });
  }

  #transfers(state: 'accepted' | 'done' | 'failed', reason: string): void {
    this.#ports.emit({ kind: 'transfer', state, status: state === 'failed' ? 503 : 200, reason });
  }

  #end(by: EndedCall['by'], verdict: Pick<EndedCall, 'ending' | 'reason'>): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#media?.close();
    this.#ports.emit({ kind: 'ended', by, status: undefined, ...verdict });
  }
}
