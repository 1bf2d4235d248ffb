import { Deadlines } from '@trustline/base';
import {
  type BearerCapability,
  type CallReference,
  type Cause,
  type ChannelIdentification,
  IN_BAND_INFORMATION,
  MessageType,
  type PartyNumber,
} from '@trustline/h323';
import type { AccessSide } from '../link/frame.ts';
import { beforeAnswer, type CallPhase, callStateNumber, clearing } from './call-state.ts';
import type { CallControlTimers } from './call-timers.ts';
import { CauseValue, Location } from './causes.ts';
import { causeOf, type MessageContents, writeMessage } from './messages.ts';
import { isInBand, type ReceivedMessage } from './received-message.ts';

/** What a SETUP says. */
export interface SetupTerms {
  readonly bearer: BearerCapability;
  readonly called: PartyNumber;
  /** Sending complete: no digits follow. */
  readonly complete: boolean;
  readonly calling?: PartyNumber;
  readonly display?: string;
  readonly redirecting?: PartyNumber;
}

export type CallEvent =
  | ({ readonly kind: 'setup' } & SetupTerms)
  /** Digits of the called number while it is not complete. */
  | { readonly kind: 'digits'; readonly digits: string; readonly complete: boolean }
  | { readonly kind: 'more-digits-wanted'; readonly inBand: boolean }
  | { readonly kind: 'proceeding' | 'alerting'; readonly inBand: boolean }
  | { readonly kind: 'progress'; readonly inBand: boolean; readonly cause?: Cause }
  | { readonly kind: 'connected'; readonly connected?: PartyNumber; readonly display?: string }
  | { readonly kind: 'keypad'; readonly keys: string }
  /** The far side clears, and says that tones or words about it are to be heard until somebody releases. */
  | { readonly kind: 'disconnected'; readonly cause: Cause }
  /** Told once, as soon as it is known. The channel may be busy until RELEASE COMPLETE. */
  | { readonly kind: 'released'; readonly cause: Cause; readonly by: ReleasedBy };

export type ReleasedBy = 'far-end' | 'local' | 'timer' | 'line';

export type CallOutput =
  | { readonly kind: 'transmit'; readonly octets: Uint8Array }
  | { readonly kind: 'event'; readonly event: CallEvent }
  /** The call reference is free; `unanswered` where the far side did not even answer RELEASE, and the channel is in doubt. */
  | { readonly kind: 'ended'; readonly unanswered: boolean };

/** The B channel of a call, which the layer that knows them all decides. */
export interface ChannelDecisions {
  /** The far side names a channel in its first answer, or names none: is it to be had? */
  confirm(channel: ChannelIdentification | undefined): boolean;
}

export interface IsdnCallOptions {
  readonly side: AccessSide;
  /** Its flag is ours: false where we send the SETUP. */
  readonly reference: CallReference;
  readonly sentSetup: boolean;
  readonly timers: CallControlTimers;
  readonly channels: ChannelDecisions;
}

type Timer = Exclude<keyof CallControlTimers, 'T316'>;

/**
 * One call of Q.931 on a point-to-point access, user side or network side (§5.1 to §5.3, §5.8). The two sides are one
 * machine: what differs is which state a phase is, who waits for an acknowledgement of CONNECT, and some timers.
 */
export class IsdnCall {
  readonly #options: IsdnCallOptions;
  readonly #deadlines = new Deadlines<Timer>();
  readonly #outputs: CallOutput[] = [];
  #phase: CallPhase = 'null';
  #setup: Uint8Array | undefined;
  /** The channel that our first answer is to name; afterwards it is agreed. */
  #channelToName: ChannelIdentification | undefined;
  #answered = false;
  #cause: Cause | undefined;
  #told = false;
  #ended = false;
  /** A SETUP or RELEASE was repeated for want of an answer; so was a STATUS ENQUIRY. */
  #repeated = false;
  #enquiryRepeated = false;
  /** Messages that came out of turn or had faults; each was answered as §5.8 says. */
  irregular = 0;

  constructor(options: IsdnCallOptions) {
    this.#options = options;
  }

  get phase(): CallPhase {
    return this.#phase;
  }

  /** The call state of Q.931, as STATUS says it. */
  get state(): number {
    return callStateNumber(this.#phase, this.#options.side, this.#options.sentSetup);
  }

  get reference(): CallReference {
    return this.#options.reference;
  }

  get sentSetup(): boolean {
    return this.#options.sentSetup;
  }

  /** Its SETUP has had no answer: which channel it gets is open (§5.7). */
  get isUnanswered(): boolean {
    return this.#phase === 'setup' && this.#options.sentSetup;
  }

  get ended(): boolean {
    return this.#ended;
  }

  poll(): CallOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  /** Sends the SETUP, with the channel that is wanted (§5.1.1, §5.2.1). */
  setup(now: number, terms: SetupTerms, channel: ChannelIdentification): void {
    if (this.#phase !== 'null' || !this.#options.sentSetup || this.#ended) return;
    const { complete, ...contents } = terms;
    this.#setup = this.#write(MessageType.Setup, { ...contents, channel, sendingComplete: complete });
    this.#transmit(this.#setup);
    this.#enter(now, 'setup', 'T303');
  }

  /** Takes the SETUP that made this call; `channel` is named in our first answer (§5.1.2, §5.2.3). */
  takeSetup(message: ReceivedMessage, bearer: BearerCapability, channel: ChannelIdentification): void {
    this.#phase = 'setup';
    this.#channelToName = channel;
    this.#tell({
      kind: 'setup',
      bearer,
      called: message.called ?? { typeOfNumber: 0, numberingPlan: 1, digits: message.keypad ?? '' },
      complete: message.sendingComplete,
      ...(message.calling === undefined ? {} : { calling: message.calling }),
      ...(message.display === undefined ? {} : { display: message.display }),
      ...(message.redirecting === undefined ? {} : { redirecting: message.redirecting }),
    });
  }

  /** SETUP ACKNOWLEDGE: the number is not complete (§5.1.3, §5.2.4). */
  wantDigits(now: number, inBand = false): void {
    if (this.#phase !== 'setup' || this.#options.sentSetup) return;
    this.#answer(MessageType.SetupAcknowledge, inBand ? { progress: this.#progressInBand() } : {});
    this.#enter(now, 'overlap', 'T302');
  }

  /** INFORMATION with further digits. */
  sendDigits(now: number, digits: string, complete: boolean): void {
    if (this.#phase !== 'overlap' || !this.#options.sentSetup) return;
    // Each number of a SETUP that was sent incomplete goes on in the same way.
    const called = { typeOfNumber: 0, numberingPlan: 1, digits };
    this.#send(MessageType.Information, {
      ...(digits === '' ? {} : { called }),
      ...(complete ? { sendingComplete: true } : {}),
    });
    this.#start(now, 'T304');
  }

  proceed(now: number): void {
    if (this.#options.sentSetup || (this.#phase !== 'setup' && this.#phase !== 'overlap')) return;
    this.#answer(MessageType.CallProceeding, {});
    this.#enter(now, 'proceeding');
  }

  /** PROGRESS: tones or words are to be heard, and why where the call will fail (§5.1.6, §5.4). */
  progress(now: number, cause?: Cause): void {
    if (this.#options.sentSetup || !beforeAnswer.includes(this.#phase)) return;
    // No first answer may be PROGRESS: the channel is named by CALL PROCEEDING.
    if (this.#phase === 'setup') this.proceed(now);
    this.#send(MessageType.Progress, {
      ...(cause === undefined ? {} : { cause }),
      progress: this.#progressInBand(),
    });
    if (cause !== undefined) this.#deadlines.clear('T302');
  }

  alert(now: number, inBand: boolean): void {
    if (this.#options.sentSetup || !beforeAnswer.includes(this.#phase) || this.#phase === 'alerting') return;
    this.#answer(MessageType.Alerting, inBand ? { progress: this.#progressInBand() } : {});
    this.#enter(now, 'alerting');
  }

  /** CONNECT. A user waits for its acknowledgement (§5.2.7, §5.2.8), a network does not (§5.1.8). */
  connect(now: number, contents: { readonly connected?: PartyNumber; readonly display?: string } = {}): void {
    if (this.#options.sentSetup || !beforeAnswer.includes(this.#phase)) return;
    this.#answer(MessageType.Connect, contents);
    if (this.#options.side === 'user') this.#enter(now, 'connect-request', 'T313');
    else this.#enter(now, 'active');
  }

  keypad(keys: string): void {
    if (this.#phase !== 'active') return;
    this.#send(MessageType.Information, { keypad: keys });
  }

  /** Begins clearing, in the way that the phase allows (§5.3.2 to §5.3.4); `inBand`: tones about it are heard for T306. */
  clear(now: number, cause: Cause, inBand = false): void {
    switch (this.#phase) {
      case 'null':
        this.#end('local', cause, false);
        return;
      case 'setup':
        if (this.#options.sentSetup) break;
        // §5.3.2: a SETUP is refused by RELEASE COMPLETE.
        this.#send(MessageType.ReleaseComplete, { cause });
        this.#end('local', cause, false);
        return;
      case 'disconnect-received':
        this.#release(now, cause, 'local');
        return;
      case 'disconnect-sent':
        if (!inBand && this.#deadlines.has('T306')) this.#release(now, this.#cause ?? cause, 'local');
        return;
      case 'release':
        return;
      default:
        break;
    }
    const tones = inBand && this.#options.side === 'network';
    this.#cause = cause;
    this.#send(MessageType.Disconnect, { cause, ...(tones ? { progress: this.#progressInBand() } : {}) });
    this.#enter(now, 'disconnect-sent', tones ? 'T306' : 'T305');
    if (!tones) this.#tellReleased(cause, 'local');
  }

  /** Clears without a word: the channel was restarted, or the data link is gone. */
  abandon(cause: number): void {
    this.#end('line', this.#causeOf(cause), false);
  }

  enquire(now: number): void {
    if (this.#phase === 'null' || this.#deadlines.has('T322')) return;
    this.#enquiryRepeated = false;
    this.#send(MessageType.StatusEnquiry, {});
    this.#start(now, 'T322');
  }

  /** The data link was reset: messages may be lost (§5.8.8). Digits among them would be missed. */
  linkReset(now: number): void {
    if (this.#phase === 'overlap') this.clear(now, this.#causeOf(CauseValue.TemporaryFailure));
  }

  /** The data link is gone (§5.8.9): what stands may outlive it for T309. */
  linkFailed(now: number): void {
    if (this.#phase !== 'active') this.abandon(CauseValue.DestinationOutOfOrder);
    else if (!this.#deadlines.has('T309')) this.#start(now, 'T309');
  }

  /** It is back: the other side learns where we stand, and clears where it has no such call (§5.8.9, §5.8.11). */
  linkRestored(): void {
    if (!this.#deadlines.has('T309')) return;
    this.#deadlines.clear('T309');
    this.#sendStatus(CauseValue.NormalUnspecified);
  }

  /** A message with this call's reference, other than the SETUP that made it. */
  receive(now: number, message: ReceivedMessage): void {
    if (this.#ended) return;
    switch (message.type) {
      case MessageType.Release:
        this.#receiveRelease(message);
        return;
      case MessageType.ReleaseComplete:
        this.#end('far-end', this.#causeSaid(message), false);
        return;
      case MessageType.Disconnect:
        this.#receiveDisconnect(now, message);
        return;
      case MessageType.StatusEnquiry:
        this.#sendStatus(CauseValue.ResponseToStatusEnquiry);
        return;
      case MessageType.Setup:
        // §5.8.3.2 e: repeated, for T303 ran out before our answer came.
        this.irregular += 1;
        return;
      default:
        break;
    }
    if (message.fault !== undefined) {
      this.irregular += 1;
      // A faulty STATUS is not answered by another: two sides could go on for ever.
      if (message.type !== MessageType.Status) this.#sendStatus(message.fault.cause, message.fault.element);
      return;
    }
    switch (message.type) {
      case MessageType.Status:
        this.#receiveStatus(now, message);
        return;
      case MessageType.SetupAcknowledge:
      case MessageType.CallProceeding:
      case MessageType.Alerting:
      case MessageType.Connect:
      case MessageType.Progress:
        this.#receiveAnswer(now, message);
        return;
      case MessageType.ConnectAcknowledge:
        this.#receiveConnectAcknowledge(now, message);
        return;
      case MessageType.Information:
        this.#receiveInformation(now, message);
        return;
      case MessageType.Notify:
      case MessageType.Facility:
        // Supplementary services (Q.932) are not offered here: they change nothing in a basic call.
        return;
      default:
        // §5.8.4: a type that Q.931 does not have.
        this.irregular += 1;
        this.#sendStatus(CauseValue.MessageTypeNonExistent, message.type);
    }
  }

  handleTime(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      this.#expire(now, due);
    }
  }

  #expire(now: number, timer: Timer): void {
    switch (timer) {
      case 'T302':
        this.#tell({ kind: 'digits', digits: '', complete: true });
        return;
      case 'T303':
        this.#expireSetup(now);
        return;
      case 'T305':
      case 'T306':
        this.#release(now, this.#cause ?? this.#causeOf(CauseValue.NormalClearing), 'timer');
        return;
      case 'T308':
        // §5.3.3: after the second time the channel is put into a maintenance condition.
        if (this.#repeated) this.#end('timer', this.#cause ?? this.#causeOf(CauseValue.NormalClearing), true);
        else this.#repeatRelease(now);
        return;
      case 'T309':
        this.abandon(CauseValue.DestinationOutOfOrder);
        return;
      case 'T322':
        this.#expireEnquiry(now);
        return;
      case 'T301':
        this.#clearByTimer(now, CauseValue.NoAnswer);
        return;
      case 'T304':
      case 'T310':
      case 'T313':
        this.#clearByTimer(now, CauseValue.RecoveryOnTimerExpiry);
    }
  }

  /** §5.1.1, §5.2.1: the SETUP is sent once more, then the call is given up. */
  #expireSetup(now: number): void {
    if (!this.#repeated && this.#setup !== undefined) {
      this.#repeated = true;
      this.#transmit(this.#setup);
      this.#start(now, 'T303');
      return;
    }
    // The Recommendation has this of the network alone; but if it is the answer that was lost, the far side rings.
    this.#send(MessageType.ReleaseComplete, { cause: this.#causeOf(CauseValue.RecoveryOnTimerExpiry) });
    this.#end('timer', this.#causeOf(CauseValue.NoUserResponding), false);
  }

  /** §5.8.10: asked twice in vain, the call is cleared. */
  #expireEnquiry(now: number): void {
    if (!this.#enquiryRepeated) {
      this.#enquiryRepeated = true;
      this.#send(MessageType.StatusEnquiry, {});
      this.#start(now, 'T322');
      return;
    }
    this.clear(now, this.#causeOf(CauseValue.TemporaryFailure));
  }

  /** The far side hears that a timer ran out, the near side what that means for the caller. */
  #clearByTimer(now: number, told: number): void {
    this.#tellReleased(this.#causeOf(told), 'timer');
    this.clear(now, this.#causeOf(CauseValue.RecoveryOnTimerExpiry));
  }

  /** SETUP ACKNOWLEDGE, CALL PROCEEDING, PROGRESS, ALERTING, CONNECT: what the SETUP comes to. */
  #receiveAnswer(now: number, message: ReceivedMessage): void {
    if (clearing.includes(this.#phase)) return;
    if (!this.#options.sentSetup || !this.#follows(message.type)) {
      this.#unexpected(message);
      return;
    }
    if (!this.#answered && message.type !== MessageType.Progress) {
      this.#answered = true;
      if (!this.#options.channels.confirm(message.channel)) {
        this.#tellReleased(this.#causeOf(CauseValue.ChannelUnacceptable), 'local');
        this.#release(now, this.#causeOf(CauseValue.ChannelUnacceptable), 'local');
        return;
      }
    }
    const inBand = isInBand(message);
    switch (message.type) {
      case MessageType.SetupAcknowledge:
        this.#enter(now, 'overlap', 'T304');
        this.#tell({ kind: 'more-digits-wanted', inBand });
        return;
      case MessageType.CallProceeding:
        this.#enter(now, 'proceeding', inBand ? undefined : 'T310');
        this.#tell({ kind: 'proceeding', inBand });
        return;
      case MessageType.Progress:
        this.#receiveProgress(message, inBand);
        return;
      case MessageType.Alerting:
        this.#enter(now, 'alerting', 'T301');
        this.#tell({ kind: 'alerting', inBand });
        return;
      default:
        this.#enter(now, 'active');
        this.#send(MessageType.ConnectAcknowledge, {});
        this.#tell({
          kind: 'connected',
          ...(message.connected === undefined ? {} : { connected: message.connected }),
          ...(message.display === undefined ? {} : { display: message.display }),
        });
    }
  }

  /** §5.1.6, §5.4: with tones or words to hear, what follows may take its time. */
  #receiveProgress({ cause }: ReceivedMessage, inBand: boolean): void {
    this.#deadlines.clear('T310');
    this.#deadlines.clear('T304');
    this.#tell({ kind: 'progress', inBand, ...(cause === undefined ? {} : { cause }) });
  }

  #follows(type: number): boolean {
    switch (type) {
      case MessageType.SetupAcknowledge:
        return this.#phase === 'setup';
      case MessageType.CallProceeding:
        return this.#phase === 'setup' || this.#phase === 'overlap';
      case MessageType.Alerting:
        return this.#phase === 'setup' || this.#phase === 'overlap' || this.#phase === 'proceeding';
      default:
        // PROGRESS comes from some networks even before any other answer.
        return beforeAnswer.includes(this.#phase);
    }
  }

  #receiveConnectAcknowledge(now: number, message: ReceivedMessage): void {
    if (this.#phase === 'connect-request') this.#enter(now, 'active');
    // §5.1.8: a user may acknowledge, and the network takes no action.
    else if (this.#phase !== 'active' && !clearing.includes(this.#phase)) this.#unexpected(message);
  }

  #receiveInformation(now: number, message: ReceivedMessage): void {
    const digits = message.called?.digits ?? message.keypad ?? '';
    if (this.#phase === 'overlap' && !this.#options.sentSetup) {
      if (message.sendingComplete) this.#deadlines.clear('T302');
      else this.#start(now, 'T302');
      this.#tell({ kind: 'digits', digits, complete: message.sendingComplete });
      return;
    }
    if (this.#phase === 'setup') {
      this.#unexpected(message);
      return;
    }
    if (this.#phase === 'active' && digits !== '') this.#tell({ kind: 'keypad', keys: digits });
  }

  /** §5.3.3, §5.3.4, and §5.3.5 where both disconnect at once. */
  #receiveDisconnect(now: number, message: ReceivedMessage): void {
    if (this.#phase === 'release') return;
    const cause = this.#causeSaid(message);
    if (message.fault !== undefined) this.irregular += 1;
    if (this.#phase === 'disconnect-sent') {
      this.#release(now, this.#cause ?? cause, 'local');
      return;
    }
    if (this.#phase === 'disconnect-received') {
      this.#unexpected(message);
      return;
    }
    // §5.8.6: what was wrong with the cause is said in the answer.
    const answer = message.fault === undefined ? undefined : this.#causeOf(message.fault.cause, message.fault.element);
    this.#enter(now, 'disconnect-received');
    if (isInBand(message) && this.#options.side === 'user' && answer === undefined) {
      this.#tell({ kind: 'disconnected', cause });
      return;
    }
    this.#tellReleased(cause, 'far-end');
    this.#release(now, answer ?? cause, 'far-end');
  }

  /** §5.3.3, §5.3.4; both released at once: neither answers (§5.3.5). */
  #receiveRelease(message: ReceivedMessage): void {
    const first = !clearing.includes(this.#phase);
    if (this.#phase !== 'release') {
      const fault = first ? message.fault : undefined;
      if (fault !== undefined) this.irregular += 1;
      this.#send(
        MessageType.ReleaseComplete,
        fault === undefined ? {} : { cause: this.#causeOf(fault.cause, fault.element) },
      );
    }
    this.#end('far-end', this.#causeSaid(message), false);
  }

  /** §5.8.11: the far side has no such call, or one that the answer of which we never got. */
  #receiveStatus(now: number, { callState, cause }: ReceivedMessage): void {
    const enquired = this.#deadlines.has('T322');
    if (cause?.value === CauseValue.ResponseToStatusEnquiry || enquired) this.#deadlines.clear('T322');
    if (callState === 0) {
      this.#end('far-end', cause ?? this.#causeOf(CauseValue.TemporaryFailure), false);
      return;
    }
    const isAnsweredThere = callState === ACTIVE;
    if (isAnsweredThere && this.#options.sentSetup && beforeAnswer.includes(this.#phase)) {
      this.irregular += 1;
      this.clear(now, this.#causeOf(CauseValue.MessageNotCompatibleWithState));
    }
  }

  #release(now: number, cause: Cause, by: ReleasedBy): void {
    this.#tellReleased(cause, by);
    this.#cause = cause;
    this.#send(MessageType.Release, { cause });
    this.#enter(now, 'release', 'T308');
  }

  #repeatRelease(now: number): void {
    this.#repeated = true;
    this.#send(MessageType.Release, this.#cause === undefined ? {} : { cause: this.#cause });
    this.#start(now, 'T308');
  }

  #end(by: ReleasedBy, cause: Cause, unanswered: boolean): void {
    if (this.#ended) return;
    this.#phase = 'null';
    this.#deadlines.clearAll();
    this.#ended = true;
    this.#tellReleased(cause, by);
    this.#outputs.push({ kind: 'ended', unanswered });
  }

  /** Every timer of the phase before is stopped; T309 and T322 are not of a phase. */
  #enter(now: number, phase: CallPhase, timer?: Timer): void {
    this.#phase = phase;
    this.#repeated = false;
    const kept = (['T309', 'T322'] as const).map((name) => [name, this.#deadlines.at(name)] as const);
    this.#deadlines.clearAll();
    for (const [name, at] of kept) if (at !== undefined) this.#deadlines.set(name, at);
    if (timer !== undefined) this.#start(now, timer);
  }

  #start(now: number, timer: Timer): void {
    this.#deadlines.set(timer, now + this.#options.timers[timer]);
  }

  /** The first answer to a SETUP names the channel (§5.1.2, §5.2.3.1). */
  #answer(type: number, contents: MessageContents): void {
    const channel = this.#channelToName;
    this.#channelToName = undefined;
    this.#send(type, channel === undefined ? contents : { ...contents, channel });
  }

  #unexpected(message: ReceivedMessage): void {
    this.irregular += 1;
    this.#sendStatus(CauseValue.MessageNotCompatibleWithState, message.type);
  }

  #sendStatus(cause: number, ...diagnostics: readonly number[]): void {
    this.#send(MessageType.Status, { cause: this.#causeOf(cause, ...diagnostics), callState: this.state });
  }

  #causeSaid({ cause }: ReceivedMessage): Cause {
    // §5.8.6: without a cause it counts as 31.
    return cause ?? this.#cause ?? this.#causeOf(CauseValue.NormalUnspecified);
  }

  #causeOf(value: number, ...diagnostics: readonly number[]): Cause {
    return causeOf(value, this.#location(), ...diagnostics);
  }

  #progressInBand(): { readonly location: number; readonly description: number } {
    return { location: this.#location(), description: IN_BAND_INFORMATION };
  }

  #location(): number {
    return this.#options.side === 'user' ? Location.User : Location.PublicNetworkServingLocalUser;
  }

  #send(type: number, contents: MessageContents): void {
    this.#transmit(this.#write(type, contents));
  }

  #write(type: number, contents: MessageContents): Uint8Array {
    return writeMessage(this.#options.reference, type, contents);
  }

  #transmit(octets: Uint8Array): void {
    this.#outputs.push({ kind: 'transmit', octets });
  }

  #tell(event: CallEvent): void {
    if (!this.#told) this.#outputs.push({ kind: 'event', event });
  }

  #tellReleased(cause: Cause, by: ReleasedBy): void {
    this.#tell({ kind: 'released', cause, by });
    this.#told = true;
  }
}

const ACTIVE = 10;
