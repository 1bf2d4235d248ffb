import { Deadlines } from '@trustline/base';
import type * as H225 from '../../generated/h225.types.ts';
import { elementOf, type Q931Message } from '../../q931/message.ts';
import { ElementId, MessageType } from '../../q931/message-types.ts';
import type { PartyNumber } from '../../q931/party-number.ts';
import type { CallSignallingMessage } from '../call-signalling.ts';
import * as Write from './call-message.ts';
import {
  displayOf,
  inBandOf,
  keypadOf,
  numberOf,
  type ReceivedSetup,
  readSetup,
  releaseCauseOf,
} from './call-reading.ts';

/** The states of Q.931 §2.2 that H.225.0 has, with their values (Q.931 §4.5.7). An H.323 call has no Disconnect or Release. */
export const callStates = {
  null: 0,
  'call-initiated': 1,
  'overlap-sending': 2,
  'outgoing-call-proceeding': 3,
  'call-delivered': 4,
  'call-present': 6,
  'call-received': 7,
  'incoming-call-proceeding': 9,
  active: 10,
  'overlap-receiving': 25,
} as const;

export type CallState = keyof typeof callStates;

/** Milliseconds (Q.931 table 9-2; H.225.0 §7.5). */
export interface CallTimers {
  /** The caller waits for any answer to its Setup. */
  readonly t303: number;
  /** The caller waits for what follows its last digit. */
  readonly t304: number;
  /** The called waits for the next digit. */
  readonly t302: number;
  /** The caller waits for Alerting, Progress or Connect after CallProceeding. */
  readonly t310: number;
  /** The caller waits for Connect after Alerting. */
  readonly t301: number;
  /** Who asked for the status waits for it. */
  readonly t322: number;
}

export const defaultCallTimers: CallTimers = {
  t303: 4_000,
  t304: 20_000,
  t302: 15_000,
  t310: 10_000,
  t301: 180_000,
  t322: 4_000,
};

/** Recovery on expiry of a timer (Q.850). */
const TIMER_EXPIRED = 102;
const NO_ANSWER = 19;
const TEMPORARY_FAILURE = 41;
const STATUS_ENQUIRED = 30;
const NOT_IMPLEMENTED = 97;
const INCOMPATIBLE_STATE = 101;

/** What every message may bring besides what it is about. */
export type Brought = H225.H323UUPDU | undefined;

export type CallEvent =
  | { readonly kind: 'setup'; readonly setup: ReceivedSetup; readonly brought: Brought }
  /** The called wants more digits; or there are more digits of the called number. */
  | { readonly kind: 'more-digits-wanted'; readonly brought: Brought }
  | { readonly kind: 'digits'; readonly calledNumber: string; readonly complete: boolean; readonly brought: Brought }
  /** No further digit came in T302: the number is as complete as it will be. */
  | { readonly kind: 'digits-ended' }
  | { readonly kind: 'proceeding' | 'progress' | 'alerting'; readonly inBand: boolean; readonly brought: Brought }
  | {
      readonly kind: 'connected';
      readonly connectedNumber: PartyNumber | undefined;
      /** What a person is to read. */
      readonly display: string | undefined;
      readonly brought: Brought;
    }
  /** Keys that were pressed in a call that stands (Q.931 keypad). */
  | { readonly kind: 'keypad'; readonly digits: string; readonly brought: Brought }
  | { readonly kind: 'facility' | 'notify'; readonly brought: Brought }
  | { readonly kind: 'status'; readonly state: number | undefined }
  | {
      readonly kind: 'released';
      readonly cause: number;
      readonly by: 'peer' | 'timer' | 'connection';
      readonly brought: Brought;
    };

export type CallOutput =
  | { readonly kind: 'send'; readonly message: CallSignallingMessage; readonly holdsKey: boolean }
  | { readonly kind: 'event'; readonly event: CallEvent };

export interface CallOptions {
  readonly callReference: number;
  readonly identity: Write.Identity;
  /** True where we sent, or are to send, the Setup. */
  readonly outgoing: boolean;
  readonly timers?: CallTimers;
}

type Timer = keyof CallTimers;
const beforeAnswer: readonly CallState[] = [
  'call-initiated',
  'overlap-sending',
  'outgoing-call-proceeding',
  'call-delivered',
];
const beforeOurAnswer: readonly CallState[] = [
  'call-present',
  'overlap-receiving',
  'incoming-call-proceeding',
  'call-received',
];

/**
 * One call of H.225.0 call signalling, either side (Q.931 §5 as H.225.0 §7 has it). A command that the state does not allow
 * does nothing, and so does a message: peers repeat them, leave them out and send them late.
 */
export class CallEntity {
  readonly #outputs: CallOutput[] = [];
  readonly #timers = new Deadlines<Timer>();
  readonly #options: CallOptions;
  readonly #durations: CallTimers;
  #identity: Write.Identity;
  #state: CallState = 'null';
  #ended = false;
  #calledNumber = '';
  /** What our messages say of tunnelling. */
  tunnelling = false;
  /** Messages that came out of turn. */
  dropped = 0;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#durations = options.timers ?? defaultCallTimers;
  }

  get state(): CallState {
    return this.#state;
  }

  /** It was a call, and is none any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** We are the caller. */
  get outgoing(): boolean {
    return this.#options.outgoing;
  }

  get callReference(): number {
    return this.#options.callReference;
  }

  get identity(): Write.Identity {
    return this.#identity;
  }

  poll(): CallOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#timers.next();
  }

  handleTimeout(now: number): void {
    for (let timer = this.#timers.takeDue(now); timer !== undefined; timer = this.#timers.takeDue(now)) {
      if (timer === 't302') this.#tell({ kind: 'digits-ended' });
      else this.#end(timer === 't301' ? NO_ANSWER : TIMER_EXPIRED, 'timer');
    }
  }

  setup(now: number, terms: Write.SetupTerms, attached: Write.Attachments = {}): void {
    if (this.#state !== 'null' || this.#ended || !this.#options.outgoing) return;
    this.#state = 'call-initiated';
    this.#start('t303', now);
    this.#send(Write.setupMessage(this.#identity, terms, attached, this.tunnelling));
  }

  /** More digits of the number, while the called wants them. */
  sendDigits(now: number, digits: string, attached: Write.Attachments = {}): void {
    if (this.#state !== 'overlap-sending') return;
    this.#start('t304', now);
    this.#send(Write.informationMessage(this.#identity, digits, 'called-number', attached, this.tunnelling));
  }

  /** Asks the caller for more digits. */
  acknowledge(now: number, attached: Write.Attachments = {}): void {
    if (this.#state !== 'call-present') return;
    this.#state = 'overlap-receiving';
    this.#start('t302', now);
    this.#send(Write.setupAcknowledgeMessage(this.#identity, attached, this.tunnelling));
  }

  proceed(attached: Write.Attachments = {}): void {
    if (this.#state !== 'call-present' && this.#state !== 'overlap-receiving') return;
    this.#enter('incoming-call-proceeding');
    this.#send(Write.stageMessage('callProceeding', this.#identity, {}, attached, this.tunnelling));
  }

  /** Something is to be heard before the answer. */
  progress(attached: Write.Attachments = {}): void {
    if (!beforeOurAnswer.includes(this.#state)) return;
    this.#send(Write.stageMessage('progress', this.#identity, {}, attached, this.tunnelling));
  }

  alert(inBand = false, attached: Write.Attachments = {}): void {
    if (!beforeOurAnswer.includes(this.#state) || this.#state === 'call-received') return;
    this.#enter('call-received');
    this.#send(Write.stageMessage('alerting', this.#identity, { inBand }, attached, this.tunnelling));
  }

  connect(
    terms: { readonly connectedNumber?: PartyNumber; readonly display?: string } = {},
    attached: Write.Attachments = {},
  ): void {
    if (!beforeOurAnswer.includes(this.#state)) return;
    this.#enter('active');
    this.#send(Write.stageMessage('connect', this.#identity, terms, attached, this.tunnelling));
  }

  /** Keys pressed in a call that stands. */
  keypad(digits: string): void {
    if (this.#state !== 'active') return;
    this.#send(Write.informationMessage(this.#identity, digits, 'keypad', {}, this.tunnelling));
  }

  /** A carrier for H.245, for its address or for H.450; in every state but before Setup and after the end. */
  facility(attached: Write.Attachments, reason?: 'startH245' | 'transportedInformation', display?: string): void {
    if (this.#state === 'null') return;
    this.#send(Write.facilityMessage(this.#identity, reason, attached, this.tunnelling, display), attached.holdsKey);
  }

  notify(indicator: number): void {
    if (this.#state === 'active') this.#send(Write.notifyMessage(this.#identity, indicator, {}, this.tunnelling));
  }

  /** Asks for the state of the peer; it must come within T322. */
  enquire(now: number): void {
    if (this.#state === 'null' || this.#timers.has('t322')) return;
    this.#start('t322', now);
    this.#send(Write.statusEnquiryMessage(this.#identity, this.tunnelling));
  }

  /** Ends the call. Nothing more comes of it: the peer's own ReleaseComplete, if there is one, is not waited for. */
  release(cause: number, attached: Write.Attachments = {}): void {
    if (this.#state === 'null') {
      // It was never set up, and is not to be.
      this.#ended = true;
      return;
    }
    this.#enter('null');
    this.#send(Write.releaseMessage(this.#identity.callIdentifier, cause, attached, this.tunnelling));
  }

  /** The connection is gone without a ReleaseComplete. */
  connectionLost(): void {
    if (this.#state === 'null') {
      this.#ended = true;
      return;
    }
    this.#enter('null');
    this.#tell({ kind: 'released', cause: TEMPORARY_FAILURE, by: 'connection', brought: undefined });
  }

  receive(now: number, message: CallSignallingMessage): void {
    const brought = message.userInformation?.['h323-uu-pdu'];
    switch (message.type) {
      case MessageType.Setup:
        this.#receiveSetup(message, brought);
        return;
      case MessageType.SetupAcknowledge:
        if (this.#state !== 'call-initiated') {
          this.#late(brought);
          return;
        }
        this.#enter('overlap-sending');
        this.#start('t304', now);
        this.#tell({ kind: 'more-digits-wanted', brought });
        return;
      case MessageType.CallProceeding:
        if (this.#state !== 'call-initiated' && this.#state !== 'overlap-sending') {
          this.#still(brought);
          return;
        }
        this.#enter('outgoing-call-proceeding');
        this.#start('t310', now);
        this.#tell({ kind: 'proceeding', inBand: inBandOf(message), brought });
        return;
      case MessageType.Progress:
        if (!beforeAnswer.includes(this.#state)) {
          this.#late(brought);
          return;
        }
        this.#receiveProgress(now);
        this.#tell({ kind: 'progress', inBand: inBandOf(message), brought });
        return;
      case MessageType.Alerting:
        if (!beforeAnswer.includes(this.#state)) {
          this.#late(brought);
          return;
        }
        if (this.#state !== 'call-delivered') {
          this.#enter('call-delivered');
          this.#start('t301', now);
        }
        this.#tell({ kind: 'alerting', inBand: inBandOf(message), brought });
        return;
      case MessageType.Connect: {
        if (!beforeAnswer.includes(this.#state)) {
          this.#late(brought);
          return;
        }
        this.#enter('active');
        this.#tell({
          kind: 'connected',
          connectedNumber: numberOf(message, ElementId.ConnectedNumber),
          display: displayOf(message),
          brought,
        });
        return;
      }
      case MessageType.Information:
        this.#receiveInformation(now, message, brought);
        return;
      case MessageType.Facility:
      case MessageType.Notify:
        if (this.#state === 'null') {
          this.#drop();
          return;
        }
        this.#tell({ kind: message.type === MessageType.Facility ? 'facility' : 'notify', brought });
        return;
      case MessageType.StatusEnquiry:
        this.#status(STATUS_ENQUIRED);
        this.#carry(brought);
        return;
      case MessageType.Status:
        this.#receiveStatus(message);
        return;
      case MessageType.ReleaseComplete:
        this.#receiveRelease(message, brought);
        return;
      case MessageType.Disconnect:
      case MessageType.Release:
        this.#receiveClearing(message);
        return;
      case MessageType.ConnectAcknowledge:
        // H.225.0 §7.3.4 has none, and it asks for nothing.
        this.#drop();
        return;
      default:
        // H.225.0 §7.3.13: an unknown message is answered by Status.
        this.dropped += 1;
        this.#status(NOT_IMPLEMENTED);
        return;
    }
  }

  /** A message of this call of which not all can be read: what ends the call ends it, all else changes nothing (Q.931 §5.8.6). */
  receiveBroken(message: Q931Message, cause: number): void {
    switch (message.type) {
      case MessageType.ReleaseComplete:
        this.#receiveRelease(message, undefined);
        return;
      case MessageType.Disconnect:
      case MessageType.Release:
        this.#receiveClearing(message);
        return;
      case MessageType.Setup:
      case MessageType.Status:
        this.#drop();
        return;
      default:
        this.dropped += 1;
        this.#status(cause);
    }
  }

  #receiveRelease(message: CallSignallingMessage, brought: Brought): void {
    if (this.#state === 'null') {
      this.#drop();
      return;
    }
    this.#enter('null');
    this.#tell({ kind: 'released', cause: releaseCauseOf(message), by: 'peer', brought });
  }

  /** H.225.0 has neither Disconnect nor Release: a peer that sends them all the same waits for our ReleaseComplete. */
  #receiveClearing(message: CallSignallingMessage): void {
    if (this.#state === 'null') this.#drop();
    else this.#end(releaseCauseOf(message), 'peer');
  }

  #receiveSetup(message: CallSignallingMessage, brought: Brought): void {
    const body = brought?.['h323-message-body'];
    if (this.#state !== 'null' || this.#ended || this.#options.outgoing || body?.kind !== 'setup') {
      this.#drop();
      return;
    }
    this.#state = 'call-present';
    const setup = readSetup(message, body.value);
    this.#calledNumber = setup.calledNumber;
    this.#identity = {
      ...this.#identity,
      callIdentifier: setup.callIdentifier ?? this.#identity.callIdentifier,
      conferenceId: setup.conferenceId,
    };
    this.#tell({ kind: 'setup', setup, brought });
  }

  /** Something is heard: the network rings in its own way, so only T301 bounds it still. */
  #receiveProgress(now: number): void {
    if (this.#state !== 'outgoing-call-proceeding' && this.#state !== 'call-initiated') return;
    this.#enter('outgoing-call-proceeding');
    this.#start('t301', now);
  }

  #receiveInformation(now: number, message: CallSignallingMessage, brought: Brought): void {
    if (this.#state === 'null') {
      this.#drop();
      return;
    }
    const called = numberOf(message, ElementId.CalledPartyNumber)?.digits ?? '';
    const keypad = keypadOf(message);
    if (this.#state !== 'overlap-receiving') {
      this.#tell({ kind: 'keypad', digits: keypad === '' ? called : keypad, brought });
      return;
    }
    this.#calledNumber = (this.#calledNumber + (called === '' ? keypad : called)).slice(0, 128);
    const complete = message.elements.some(({ id }) => id === ElementId.SendingComplete);
    if (complete) this.#timers.clear('t302');
    else this.#start('t302', now);
    this.#tell({ kind: 'digits', calledNumber: this.#calledNumber, complete, brought });
  }

  /** Q.931 §5.8.11: a peer without the call has ended it. */
  #receiveStatus(message: CallSignallingMessage): void {
    if (this.#state === 'null') {
      this.#drop();
      return;
    }
    this.#timers.clear('t322');
    const state = elementOf(message, ElementId.CallState)?.[0];
    if (state === 0) {
      this.#end(INCOMPATIBLE_STATE, 'peer');
      return;
    }
    this.#tell({ kind: 'status', state });
    this.#carry(message.userInformation?.['h323-uu-pdu']);
  }

  /** What came too late or twice may still bring an address or a refusal. */
  #still(brought: Brought): void {
    if (!beforeAnswer.includes(this.#state)) {
      this.#late(brought);
      return;
    }
    this.#tell({ kind: 'proceeding', inBand: false, brought });
  }

  /** It says nothing any more, out of its turn; H.245 may still be in it (H.323 §8.2.1: in any message). */
  #late(brought: Brought): void {
    this.#drop();
    this.#carry(brought);
  }

  #carry(brought: Brought): void {
    if (this.#state !== 'null' && brought?.h245Control !== undefined) this.#tell({ kind: 'facility', brought });
  }

  #status(cause: number): void {
    if (this.#state === 'null') return;
    this.#send(Write.statusMessage(this.#identity, cause, callStates[this.#state], this.tunnelling));
  }

  #end(cause: number, by: 'timer' | 'peer'): void {
    this.release(cause);
    this.#tell({ kind: 'released', cause, by, brought: undefined });
  }

  /** A new state: what bounded the one before is over. */
  #enter(state: CallState): void {
    this.#state = state;
    this.#ended = state === 'null';
    this.#timers.clearAll();
  }

  #start(timer: Timer, now: number): void {
    this.#timers.set(timer, now + this.#durations[timer]);
  }

  #drop(): void {
    this.dropped += 1;
  }

  #tell(event: CallEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #send(parts: Omit<CallSignallingMessage, 'callReference'>, holdsKey = false): void {
    const { callReference, outgoing } = this.#options;
    const message = {
      ...parts,
      callReference: { value: callReference, fromDestination: !outgoing, length: 2 },
    } as const;
    this.#outputs.push({ kind: 'send', message, holdsKey });
  }
}
