import { Deadlines, Redacted } from '@trustline/base';
import type * as H225 from '../generated/h225.types.ts';
import type { Brought, CallEntity, CallEvent } from '../h225/machines/call.ts';
import type { Attachments, SetupTerms } from '../h225/machines/call-message.ts';
import type { ReceivedSetup } from '../h225/machines/call-reading.ts';
import { holdsKey } from '../h245/audio-channel.ts';
import { addressOf, type MediaAddress, transportAddress } from '../h245/audio-format.ts';
import type { ProtectionPolicy } from '../h245/choose-channel.ts';
import { answerFastConnect, proposeFastConnect, readFastAnswer } from '../h245/fast-connect.ts';
import { decodeH245, h245Codec } from '../h245/messages.ts';
import {
  ControlSession,
  type MediaTerms,
  type Refusal,
  type SessionEvent,
  type SessionOptions,
} from '../h245/session.ts';
import { callWaitingApdu, readCallWaiting } from '../h450/call-waiting.ts';
import { errorApdu, holdApdu, readServices, resultApdu, type TransferError, transferApdu } from '../h450/services.ts';
import { ControlChannel, type ControlConnection, type ControlInstruction } from './control-channel.ts';

/** Causes of Q.850 that the endpoint itself ends a call with. */
const SECURITY = 57;
const INCOMPATIBLE = 88;
const NORMAL_CLEARING = 16;
const NO_ROUTE = 3;
const TEMPORARY_FAILURE = 41;
const FACILITY_REJECTED = 29;
/** Of invokes that have no result, beside those of transfers, which count from 1. */
const HOLD_INVOKE = 65_534;
const CALL_WAITING_INVOKE = 65_533;
/** How long an answered call may be without H.245 and without channels of fast connect. */
const CONTROL_TIMEOUT = 10_000;
/** How long a peer that has ended H.245 may take to release the call, so that it can say why. */
const RELEASE_TIMEOUT = 2_000;
/** Where the peer sends the call elsewhere: to whom is said by it, and proven by nobody. */
const elsewhere: readonly H225.FacilityReason['kind'][] = ['callForwarded', 'routeCallToGatekeeper', 'routeCallToMC'];

export interface EndpointOptions extends SessionOptions {
  /** Whether H.245 may go within call signalling; it does where the peer wants it too. */
  readonly tunnelling: boolean;
  /** Whether fast connect is proposed and taken. It holds no keys, so it never is where media is to be protected. */
  readonly fastConnect: boolean;
  /** Where we listen for a separate H.245 connection, if we do. */
  readonly h245Listener?: MediaAddress;
}

export interface AlertTerms {
  /** Tones or announcements are to be heard. */
  readonly inBand?: boolean;
  readonly callWaiting?: boolean;
}

/** Why the endpoint ended a call by itself. */
export type ReleaseReason =
  | Refusal
  | 'clear-fast-start'
  | 'no-control-channel'
  | 'operation-not-known'
  | 'sent-elsewhere';

export type EndpointEvent =
  | { readonly kind: 'setup-offered'; readonly setup: ReceivedSetup; readonly proven: boolean }
  | { readonly kind: 'more-digits-wanted' | 'digits-ended' | 'proceeding' }
  /** `display` is what a person is to read of who answered. */
  | { readonly kind: 'connected'; readonly display?: string }
  | { readonly kind: 'number'; readonly calledNumber: string; readonly complete: boolean }
  | { readonly kind: 'progress'; readonly inBand: boolean }
  /** `callWaiting`: who is called talks in another call already (H.450.6). */
  | { readonly kind: 'alerting'; readonly inBand: boolean; readonly callWaiting: boolean }
  /** The peer wants to be connected to another number (H.450.2); `answerTransfer` is to say whether that is done. */
  | {
      readonly kind: 'transfer-asked';
      readonly number: string;
      readonly callIdentity: string;
      readonly invokeId: number;
    }
  /** A transfer that we asked for is done; or it is not, with the code of the error. */
  | { readonly kind: 'transfer-answered'; readonly error?: number }
  | {
      readonly kind: 'released';
      readonly cause: number;
      readonly by: 'peer' | 'timer' | 'connection' | 'us';
      readonly because?: ReleaseReason;
    }
  | Exclude<SessionEvent, { kind: 'refused' | 'ended' }>;

export type EndpointOutput =
  | { readonly kind: 'event'; readonly event: EndpointEvent }
  | { readonly kind: 'send-h245'; readonly connection: ControlConnection; readonly octets: Uint8Array }
  | ControlInstruction;

/**
 * A call of H.323 with its media: one call of a `CallConnection`, H.245 tunnelled or on a connection of its own, fast or slow
 * start. The caller of this class takes the events of the connection to `take`, polls until there is nothing more, and polls
 * the connection then, for what goes by call signalling leaves there.
 *
 * A key leaves only on a connection that is said to be proven. Under `require` no Setup is sent or taken on another, no clear
 * channel is opened or taken, and a peer that drops to clear is released before there is media.
 */
export class CallEndpoint {
  readonly #call: CallEntity;
  readonly #options: EndpointOptions;
  readonly #session: ControlSession;
  readonly #control: ControlChannel;
  readonly #outputs: EndpointOutput[] = [];
  readonly #timers = new Deadlines<'control' | 'release'>();
  #policy: ProtectionPolicy;
  /** What fast connect may agree on: as was given at first, or configured since. */
  #terms: Pick<EndpointOptions, 'formats' | 'media'>;
  #proven = { signalling: false, h245: false };
  #proposed: readonly Uint8Array[] = [];
  #offered: readonly Uint8Array[] | undefined;
  #answer: readonly Uint8Array[] | undefined;
  #fast: 'undecided' | 'accepted' | 'refused' = 'undecided';
  /** The other side has said, or been told, that the call is being handled: H.245 may begin. */
  #answered = false;
  #ended = false;
  /** What the peer was told of hold (H.450.4). */
  #holds = false;
  /** Of the last transfer that we asked for. */
  #invokeId = 0;
  /** Of H.450, to go with our answer to the Setup. */
  #owed: readonly Uint8Array[] = [];

  constructor(call: CallEntity, options: EndpointOptions) {
    this.#call = call;
    this.#options = options;
    this.#policy = options.policy;
    this.#terms = options;
    this.#session = new ControlSession(options);
    this.#control = new ControlChannel(options.h245Listener);
  }

  /** Whether the call signalling connection, or the H.245 connections of this call, are proven to be protected. */
  setProven(connection: 'signalling' | 'h245', proven: boolean): void {
    this.#proven = { ...this.#proven, [connection]: proven };
    this.#session.proven = this.#channelProven();
  }

  setup(now: number, terms: SetupTerms): void {
    const { fastConnect, tunnelling } = this.#options;
    const { formats, media } = this.#terms;
    if (this.#policy === 'require' && !this.#proven.signalling) {
      this.#finish(SECURITY, 'not-proven');
      return;
    }
    if (fastConnect && media !== undefined && this.#mayBeClear()) this.#proposed = proposeFastConnect(formats, media);
    this.#call.tunnelling = tunnelling;
    this.#call.setup(now, terms, this.#proposed.length === 0 ? {} : { fastStart: this.#proposed });
  }

  /** Wants more digits of the number. */
  acknowledge(now: number): void {
    this.#call.acknowledge(now);
  }

  sendNumber(now: number, digits: string): void {
    this.#call.sendDigits(now, digits);
  }

  proceed(now: number): void {
    if (!this.#mayAnswer()) return;
    this.#call.proceed(this.#attachments(now));
    this.#begin(now);
  }

  progress(now: number): void {
    if (!this.#mayAnswer()) return;
    this.#call.progress(this.#attachments(now));
    this.#begin(now);
  }

  /** It rings; with `callWaiting` for somebody who talks in another call already (H.450.6). */
  alert(now: number, { inBand = false, callWaiting = false }: AlertTerms = {}): void {
    if (!this.#mayAnswer()) return;
    if (callWaiting) this.#owed = [...this.#owed, callWaitingApdu(CALL_WAITING_INVOKE)];
    this.#call.alert(inBand, this.#attachments(now));
    this.#begin(now);
  }

  /** @param display what a person at the other side may read */
  connect(now: number, display?: string): void {
    if (!this.#mayAnswer()) return;
    const attachments = this.#attachments(now, true);
    this.#call.connect(display === undefined ? {} : { display }, attachments);
    this.#begin(now);
    this.#connected(now);
  }

  /** Something for a person at the other side to read, in a call that stands. */
  show(display: string): void {
    if (!this.#ended) this.#call.facility({}, undefined, display);
  }

  hold(now: number): void {
    this.#tellHold(true);
    this.#session.hold(now);
  }

  /** Receives again, at another address if one is given. */
  resume(now: number, media?: MediaAddress): void {
    this.#tellHold(false);
    this.#session.resume(now, media);
  }

  /** Media are to be so from now on; with `waits` nothing of ours is said of them before. */
  configure(now: number, terms: MediaTerms): void {
    if (this.#ended) return;
    this.#policy = terms.policy;
    this.#terms = { formats: terms.formats, ...(terms.media === undefined ? {} : { media: terms.media }) };
    this.#tellHold(!terms.receives);
    this.#session.configure(now, terms);
  }

  /** The payload type of telephone-events that the peer takes; undefined for none, or while that is not known. */
  get telephoneEvent(): number | undefined {
    return this.#session.telephoneEvent;
  }

  /** Stops sending, as when the one who was heard is gone. */
  closeTransmit(now: number): void {
    this.#session.closeTransmit(now);
  }

  /** Asks the peer to call somebody else instead (H.450.2): blind, or where it has a call of that identity already. */
  transfer(number: string, callIdentity = ''): void {
    if (this.#ended) return;
    this.#invokeId = (this.#invokeId % 0xffff) + 1;
    this.#call.facility({ supplementaryServices: [transferApdu(this.#invokeId, number, callIdentity)] });
  }

  /** What has become of a transfer that the peer asked for: done, or why not. */
  answerTransfer(invokeId: number, error?: TransferError): void {
    if (this.#ended) return;
    const apdu = error === undefined ? resultApdu(invokeId) : errorApdu(invokeId, error);
    this.#call.facility({ supplementaryServices: [apdu] });
  }

  /** By H.245 where it is up, by keypad where it is not. */
  sendDigits(digits: string): void {
    if (this.#session.started) this.#session.sendDigits(digits);
    else this.#call.keypad(digits);
  }

  /** Ends the call with a cause of Q.850. */
  release(cause: number): void {
    this.#finish(cause);
  }

  /** What the connection tells about this call. */
  take(now: number, event: CallEvent): void {
    if (this.#ended) return;
    const brought = 'brought' in event ? event.brought : undefined;
    switch (event.kind) {
      case 'setup':
        this.#offer(now, event.setup, brought);
        return;
      case 'released':
        this.#ended = true;
        this.#close();
        this.#tell({ kind: 'released', cause: event.cause, by: event.by });
        return;
      case 'status':
        return;
      case 'keypad':
        if (event.digits !== '') this.#tell({ kind: 'digits', digits: event.digits });
        break;
      case 'digits':
        this.#tell({ kind: 'number', calledNumber: event.calledNumber, complete: event.complete });
        break;
      case 'progress':
        this.#tell({ kind: 'progress', inBand: event.inBand });
        break;
      case 'alerting': {
        const callWaiting = readCallWaiting(brought?.h4501SupplementaryService ?? []) !== undefined;
        this.#tell({ kind: 'alerting', inBand: event.inBand, callWaiting });
        break;
      }
      case 'more-digits-wanted':
      case 'digits-ended':
      case 'proceeding':
        this.#tell({ kind: event.kind });
        break;
      case 'connected':
        this.#tell({ kind: 'connected', ...(event.display === undefined ? {} : { display: event.display }) });
    }
    this.#bring(now, brought, event.kind);
    if (event.kind === 'connected') this.#connected(now);
  }

  /** A connection for H.245 is up: the one that was asked for, or one of the peer to our listener. */
  h245Opened(now: number, connection: ControlConnection): void {
    const instruction = this.#control.opened(connection);
    if (instruction !== undefined) this.#outputs.push(instruction);
    this.#session.proven = this.#channelProven();
    if (!this.#ended) this.#session.start(now);
  }

  /** The payload of a TPKT that came by it. What cannot be read is dropped. */
  h245Received(now: number, octets: Uint8Array): void {
    if (this.#ended) return;
    for (const message of decodeH245(octets).messages) this.#session.receive(now, message);
    if (this.#session.ended && !this.#timers.has('release')) this.#timers.set('release', now + RELEASE_TIMEOUT);
  }

  /** The connection is gone, or could not be had: the call stays while there is media, but nothing of it can be changed. */
  h245Closed(connection: ControlConnection): void {
    this.#control.closed(connection);
    this.#session.proven = this.#channelProven();
  }

  poll(): EndpointOutput | undefined {
    for (;;) {
      const output = this.#outputs.shift();
      if (output !== undefined) return output;
      // Without a way to send, what waits in the session goes on waiting; so does what answers to a Setup before we do.
      if ((this.#session.started || !this.#answered) && !this.#canSend()) return undefined;
      const inner = this.#session.poll();
      if (inner === undefined) return undefined;
      if (inner.kind === 'event') {
        this.#heard(inner.event);
        continue;
      }
      const octets = h245Codec.encode(inner.message);
      const connection = this.#control.current;
      if (connection !== undefined) return { kind: 'send-h245', connection, octets };
      const h245Control = new Redacted([octets]);
      this.#call.facility({ h245Control, holdsKey: holdsKey(inner.message) }, 'transportedInformation');
    }
  }

  nextDeadline(): number | undefined {
    const all = [this.#timers.next(), this.#session.nextDeadline()].filter((at) => at !== undefined);
    return all.length === 0 || this.#ended ? undefined : Math.min(...all);
  }

  handleTimeout(now: number): void {
    if (this.#ended) return;
    for (let due = this.#timers.takeDue(now); due !== undefined; due = this.#timers.takeDue(now)) {
      if (due === 'release') this.#finish(NORMAL_CLEARING);
      else if (!this.#session.started && this.#fast !== 'accepted')
        this.#finish(TEMPORARY_FAILURE, 'no-control-channel');
      if (this.#ended) return;
    }
    this.#session.handleTimeout(now);
  }

  #offer(now: number, setup: ReceivedSetup, brought: Brought): void {
    const { tunnelling } = this.#options;
    if (this.#policy === 'require' && !this.#proven.signalling) {
      this.#finish(SECURITY, 'not-proven');
      return;
    }
    this.#call.tunnelling = tunnelling && brought?.h245Tunneling === true;
    const body = brought?.['h323-message-body'];
    if (body?.kind === 'setup') this.#offered = body.value.fastStart;
    this.#tell({ kind: 'setup-offered', setup, proven: this.#proven.signalling });
    this.#bring(now, brought, 'setup');
    // OPAL begins H.245 in its Setup, beside fast start in a field of its own [R].
    const beside = body?.kind === 'setup' && this.#call.tunnelling ? body.value.parallelH245Control : undefined;
    for (const octets of beside?.reveal() ?? []) this.h245Received(now, octets);
  }

  /** What came beside the message itself: tunnelling or not, fast start, an address, H.245, H.450. */
  #bring(now: number, brought: Brought, kind: CallEvent['kind']): void {
    if (brought === undefined) return;
    if (brought.h245Tunneling !== true) this.#call.tunnelling = false;
    if (this.#isSentElsewhere(brought)) {
      this.#finish(NO_ROUTE, 'sent-elsewhere');
      return;
    }
    const body = fieldsOf(brought);
    if (this.#call.outgoing) this.#fastAnswer(now, body, kind);
    if (this.#ended) return;
    const address = addressOf(body.h245Address);
    const instruction = address === undefined || this.#call.tunnelling ? undefined : this.#control.learn(address);
    if (instruction !== undefined) this.#outputs.push(instruction);
    for (const octets of this.#call.tunnelling ? (brought.h245Control?.reveal() ?? []) : [])
      this.h245Received(now, octets);
    this.#serve(brought.h4501SupplementaryService ?? []);
    if (this.#call.outgoing) this.#begin(now);
  }

  /** The caller would call again there (H.225.0 §7.4.1); where that leads nobody has proven, so the call goes another way. */
  #isSentElsewhere({ 'h323-message-body': body }: H225.H323UUPDU): boolean {
    if (!this.#call.outgoing || this.#call.state === 'active' || body.kind !== 'facility') return false;
    return body.value.reason !== undefined && elsewhere.includes(body.value.reason.kind);
  }

  #fastAnswer(now: number, body: CommonFields, kind: CallEvent['kind']): void {
    if (body.fastStart !== undefined && this.#fast === 'undecided') {
      const channels = readFastAnswer(body.fastStart, this.#proposed);
      if (channels !== undefined) {
        this.#fast = 'accepted';
        this.#session.fastConnected(now, channels);
        return;
      }
      // Channels that nobody proposed, or that we must not have.
      if (this.#policy === 'require') this.#finish(SECURITY, 'clear-fast-start');
    }
    if (body.fastConnectRefused === null || kind === 'connected') {
      if (this.#fast === 'undecided') this.#fast = 'refused';
    }
  }

  #serve(apdus: readonly Uint8Array[]): void {
    for (const request of readServices(apdus)) {
      switch (request.kind) {
        case 'answer':
          this.#call.facility({ supplementaryServices: [request.apdu] });
          break;
        case 'answer-with-call':
          this.#owed = [request.apdu];
          break;
        case 'clear':
          this.#finish(FACILITY_REJECTED, 'operation-not-known');
          break;
        case 'transfer': {
          const { number, callIdentity, invokeId } = request;
          this.#tell({ kind: 'transfer-asked', number, callIdentity, invokeId });
          break;
        }
        case 'answered':
          if (request.invokeId !== this.#invokeId) break;
          this.#tell({ kind: 'transfer-answered', ...(request.error === undefined ? {} : { error: request.error }) });
          break;
        default: // hold and retrieve are said by capabilities, too
      }
    }
  }

  /** The peer may show it; once for each change, in a call that stands. */
  #tellHold(holds: boolean): void {
    if (this.#ended || this.#call.state !== 'active' || holds === this.#holds) return;
    this.#holds = holds;
    this.#call.facility({ supplementaryServices: [holdApdu(HOLD_INVOKE, holds)] });
  }

  #mayAnswer(): boolean {
    return !this.#ended && !this.#call.outgoing && this.#call.state !== 'null' && this.#call.state !== 'active';
  }

  /** What our next answer to a Setup brings: the decision on fast connect, and where H.245 is to be had. */
  #attachments(now: number, isLast = false): Attachments {
    if (this.#offered !== undefined && this.#fast === 'undecided') this.#decideFast(now, this.#offered, isLast);
    const supplementaryServices = this.#owed;
    this.#owed = [];
    const { h245Listener } = this.#options;
    const separate = !this.#call.tunnelling && h245Listener !== undefined && this.#fast !== 'accepted';
    return {
      ...(separate ? { h245Address: transportAddress(h245Listener) } : {}),
      ...(this.#answer === undefined ? {} : { fastStart: this.#answer }),
      ...(this.#fast === 'refused' && this.#offered !== undefined ? { fastConnectRefused: true } : {}),
      ...(supplementaryServices.length === 0 ? {} : { supplementaryServices }),
    };
  }

  /** At the latest with the Connect; until then it may stay open where our media are to be. */
  #decideFast(now: number, offered: readonly Uint8Array[], isLast: boolean): void {
    const { formats, media } = this.#terms;
    const isTaken = this.#options.fastConnect && this.#mayBeClear();
    if (isTaken && media === undefined && !isLast) return;
    const answer = isTaken && media !== undefined ? answerFastConnect(offered, formats, media) : undefined;
    if (!answer?.ok) {
      this.#fast = 'refused';
      return;
    }
    this.#fast = 'accepted';
    this.#answer = answer.answer;
    this.#session.fastConnected(now, answer.channels);
  }

  /** Fast connect is clear: it is for calls that are not to be protected, or cannot be. */
  #mayBeClear(): boolean {
    const { suites } = this.#options;
    const policy = this.#policy;
    return policy === 'forbid' || (policy === 'prefer' && (suites.length === 0 || !this.#proven.signalling));
  }

  /** H.245 by call signalling begins once both have said that they tunnel, and fast connect is refused or was not asked for. */
  #begin(now: number): void {
    this.#answered = true;
    const isOpen = this.#fast === 'undecided' && this.#offered !== undefined;
    if (this.#call.tunnelling && this.#fast !== 'accepted' && !isOpen) this.#session.start(now);
  }

  #connected(now: number): void {
    this.#answered = true;
    if (this.#call.tunnelling) {
      this.#session.start(now);
      return;
    }
    if (this.#session.started || this.#ended) return;
    this.#timers.set('control', now + CONTROL_TIMEOUT);
    const { h245Listener } = this.#options;
    const untold = this.#call.outgoing || this.#fast === 'accepted';
    if (!untold || h245Listener === undefined || this.#control.announced) return;
    this.#call.facility({ h245Address: transportAddress(h245Listener) }, 'startH245');
  }

  #heard(event: SessionEvent): void {
    if (event.kind === 'refused') {
      const { because } = event;
      const required = this.#policy === 'require';
      // Without a policy that needs it a key that may not leave is no reason to end.
      if (because === 'not-proven' && !required) return;
      const security = because === 'not-proven' || because === 'clear' || because === 'bad-answer';
      const media = because === 'no-common-format' || because === 'bad-answer';
      this.#finish(security && required ? SECURITY : media ? INCOMPATIBLE : TEMPORARY_FAILURE, because);
    } else if (event.kind !== 'ended') {
      this.#tell(event);
    }
  }

  #finish(cause: number, because?: ReleaseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#session.end();
    const control: Uint8Array[] = [];
    const connection = this.#control.current;
    for (let output = this.#session.poll(); output !== undefined; output = this.#session.poll()) {
      if (output.kind !== 'send' || holdsKey(output.message)) continue;
      const octets = h245Codec.encode(output.message);
      if (connection !== undefined) this.#outputs.push({ kind: 'send-h245', connection, octets });
      else if (this.#call.tunnelling && this.#answered) control.push(octets);
    }
    this.#call.release(cause, control.length === 0 ? {} : { h245Control: new Redacted(control) });
    this.#close();
    this.#tell({ kind: 'released', cause, by: 'us', ...(because === undefined ? {} : { because }) });
  }

  #close(): void {
    this.#session.end();
    while (this.#session.poll() !== undefined);
    this.#timers.clearAll();
    this.#outputs.push(...this.#control.closeAll());
  }

  #canSend(): boolean {
    return (
      this.#control.current !== undefined || (this.#call.tunnelling && this.#answered && this.#call.state !== 'null')
    );
  }

  #channelProven(): boolean {
    return this.#control.current === undefined ? this.#proven.signalling : this.#proven.h245;
  }

  #tell(event: EndpointEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }
}

interface CommonFields {
  readonly h245Address?: H225.TransportAddress;
  readonly fastStart?: readonly Uint8Array[];
  readonly fastConnectRefused?: null;
}

/** What bodies of several kinds have in common. */
function fieldsOf(pdu: H225.H323UUPDU): CommonFields {
  const body = pdu['h323-message-body'];
  return 'value' in body && typeof body.value === 'object' ? (body.value as CommonFields) : {};
}
