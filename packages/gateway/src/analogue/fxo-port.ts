import { Deadlines } from '@trustline/base';
import { CallProgressDetector } from '../tones/call-progress-detector.ts';
import { type CallProgressTone, callProgressTone, type ToneCountry } from '../tones/call-progress-tones.ts';
import { DtmfDetector, dtmfTones } from '../tones/dtmf.ts';
import { ToneGenerator } from '../tones/tone-generator.ts';
import type {
  CallingParty,
  CompandingLaw,
  OutgoingCall,
  ReleaseCause,
  VoicePort,
  VoicePortEvent,
} from '../voice-port.ts';
import { type CallInformation, CallInformationReader, callInformationOfDtmf } from './caller-id/call-information.ts';
import { bell202, FskReceiver, v23 } from './caller-id/fsk.ts';
import { pulsesOf } from './hook.ts';
import { LineAudio } from './line-audio.ts';
import type { Battery, CallerIdMethod, StationSignal } from './loop-signals.ts';

export interface FxoPortOptions {
  /** As call records show it. */
  readonly name: string;
  readonly law: CompandingLaw;
  /** Whose tones the exchange plays. */
  readonly country: ToneCountry;
  readonly callerId: CallerIdMethod;
  readonly dialling?: 'dtmf' | 'pulse';
  /**
   * How the exchange says that the called has answered: by reversing the battery, or not at all. Then a call counts as
   * answered when it is dialled, as nothing better is known.
   */
  readonly answerSupervision?: 'battery-reversal' | 'none';
}

/**
 * `out-of-service`: no battery. `idle`. `ringing`: the exchange rings, and caller ID is awaited; `offered`: the gateway
 * knows. `seized`: off-hook for a call out, and dial tone is awaited. `dialling`. `waiting`: dialled. `talking`.
 * `guard`: on-hook again, and not to be seized before the exchange has noticed.
 */
export type FxoState =
  | 'out-of-service'
  | 'idle'
  | 'ringing'
  | 'offered'
  | 'seized'
  | 'dialling'
  | 'waiting'
  | 'talking'
  | 'guard';

type Timer = 'caller-id' | 'ring-end' | 'dial-tone' | 'pulse' | 'disconnect' | 'guard' | 'digits';

const NO_CHANNEL: ReleaseCause = { value: 44, location: 0 };
const OUT_OF_ORDER: ReleaseCause = { value: 27, location: 0 };
const NORMAL_CLEARING: ReleaseCause = { value: 16, location: 2 };
/** What the exchange's tones mean to the caller (Q.850): 31 where words follow that no machine understands. */
const causeOfTone: Readonly<Partial<Record<CallProgressTone, number>>> = {
  busy: 17,
  congestion: 34,
  'special-information': 31,
};
const PUBLIC_NETWORK = 2;

/** Caller ID comes in the first long silence of the ringing; no longer than to its end is waited. */
const CALLER_ID_WAIT = 5_500;
/** Longer than any silence of a ringing cadence: the caller has given up. */
const RING_END = 6_500;
/** Dial tone is waited for so long; then it is dialled all the same. */
const DIAL_TONE_WAIT = 5_000;
/** A battery that is off for less is a dip. */
const DISCONNECT_AFTER = 250;
const GUARD = 1_000;
const FIRST_DIGIT = 16_000;
const INTER_DIGIT = 4_000;

/**
 * A port for a line of an exchange (foreign exchange office, loop start): it is the telephone. Calls out are dialled when
 * there is dial tone; how they go is heard from the tones, and seen from the battery. The line's side is that of a data access
 * arrangement: `setRinging`, `setBattery`, `takeSignal`, and `exchangeAudio` every 20 ms.
 */
export class FxoPort implements VoicePort {
  readonly kind = 'fxo';
  readonly name: string;
  readonly law: CompandingLaw;
  readonly channels = 1;
  readonly #options: FxoPortOptions;
  readonly #audio: LineAudio;
  readonly #deadlines = new Deadlines<Timer>();
  readonly #events: VoicePortEvent[] = [];
  readonly #signals: StationSignal[] = [];
  #state: FxoState = 'out-of-service';
  #nextNumber = 1;
  #call: number | undefined;
  #battery: Battery = 'off';
  #toDial = '';
  #pulses: { readonly afterMilliseconds: number; readonly closed: boolean }[] = [];
  #tones: CallProgressDetector;
  #keys = new DtmfDetector();
  #callerId: FskReceiver | undefined;
  #reader = new CallInformationReader();
  #callerKeys = '';
  #collects = false;
  #knownAnswered = false;
  /** A tone that was heard while it was still dialled. */
  #early: CallProgressTone | undefined;

  constructor(options: FxoPortOptions) {
    this.#options = options;
    this.name = options.name;
    this.law = options.law;
    this.#audio = new LineAudio(options.law);
    this.#tones = new CallProgressDetector(options.country);
  }

  get state(): FxoState {
    return this.#state;
  }

  get inService(): boolean {
    return this.#state !== 'out-of-service';
  }

  get freeChannels(): number {
    return this.#state === 'idle' ? 1 : 0;
  }

  /** Seizes the line; 44 where it is in use or rings, 27 where it is dead. */
  place(now: number, { called }: OutgoingCall): number {
    const number = this.#nextNumber++;
    if (this.#state !== 'idle') {
      const cause = this.inService ? NO_CHANNEL : OUT_OF_ORDER;
      this.#events.push({ kind: 'released', call: number, cause, by: 'line' });
      return number;
    }
    this.#call = number;
    this.#toDial = called.digits;
    this.#listenAnew();
    this.#loop(true);
    this.#state = 'seized';
    this.#deadlines.set('dial-tone', now + DIAL_TONE_WAIT);
    return number;
  }

  sendDigits(now: number, call: number, digits: string): void {
    if (call !== this.#call) return;
    if (this.#state === 'seized') this.#toDial += digits;
    else if (this.#state === 'dialling' || this.#state === 'waiting') {
      this.#toDial += digits;
      if (this.#state === 'waiting') this.#dial(now);
    }
  }

  /** Answers the line to give dial tone and take digits from whoever calls: dialling in two stages. */
  wantDigits(now: number, call: number): void {
    if (call !== this.#call || this.#state !== 'offered') return;
    this.#takeLine();
    this.#collects = true;
    this.#audio.play(new ToneGenerator(callProgressTone(this.#options.country, 'dial')));
    this.#deadlines.set('digits', now + FIRST_DIGIT);
  }

  /** The exchange says by itself that it rings. */
  proceed(_now: number, call: number): void {
    if (call === this.#call) this.#stopCollecting();
  }

  /** A line that is not answered hears nothing; one that was, for its digits, does. */
  progress(now: number, call: number): void {
    this.proceed(now, call);
  }

  alert(now: number, call: number, inBand: boolean): void {
    this.proceed(now, call);
    if (call === this.#call && this.#state === 'talking' && !inBand) {
      this.#audio.play(new ToneGenerator(callProgressTone(this.#options.country, 'ringback')));
    }
  }

  answer(_now: number, call: number): void {
    if (call !== this.#call) return;
    if (this.#state === 'offered') this.#takeLine();
    else if (this.#state === 'talking') this.#stopCollecting();
    this.#audio.play(undefined);
  }

  sendKeys(_now: number, call: number, keys: string): void {
    if (call === this.#call && this.#state === 'talking') this.#audio.play(dtmfTones(keys));
  }

  release(now: number, call: number, cause: ReleaseCause): void {
    if (call === this.#call) this.#end(now, cause, 'gateway');
  }

  write(call: number, octets: Uint8Array): void {
    if (call === this.#call) this.#audio.write(octets);
  }

  /** A line has no channels. */
  channelOf(): undefined {
    return undefined;
  }

  poll(): VoicePortEvent | undefined {
    return this.#events.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      this.#expire(now, due);
    }
  }

  /** Ringing current begins or ends. */
  setRinging(now: number, on: boolean): void {
    if (this.#state === 'idle' && on) {
      this.#state = 'ringing';
      this.#call = this.#nextNumber++;
      this.#listenAnew();
      this.#deadlines.set('ring-end', now + RING_END);
      if (this.#options.callerId === 'none') this.#offer({});
      else this.#deadlines.set('caller-id', now + CALLER_ID_WAIT);
      return;
    }
    if (this.#state === 'ringing' || this.#state === 'offered') this.#deadlines.set('ring-end', now + RING_END);
    // A call that was given up may ring on: it is no new one.
    if (this.#state === 'guard') this.#deadlines.set('guard', now + RING_END);
  }

  /** What the exchange feeds the line with. */
  setBattery(now: number, battery: Battery): void {
    const before = this.#battery;
    this.#battery = battery;
    if (battery === 'off') this.#deadlines.set('disconnect', now + DISCONNECT_AFTER);
    else this.#deadlines.clear('disconnect');
    if (this.#state === 'out-of-service' && battery !== 'off') {
      this.#state = 'idle';
      this.#events.push({ kind: 'service', inService: true, reason: 'the line has battery' });
      return;
    }
    const isSupervised = this.#options.answerSupervision === 'battery-reversal';
    const wasReversed = before === 'reversed' && battery === 'normal';
    if (battery === 'reversed' && this.#state === 'waiting' && isSupervised) {
      this.#knownAnswered = true;
      this.#answered();
    }
    if (wasReversed && this.#state === 'talking' && isSupervised) this.#end(now, NORMAL_CLEARING, 'far-end');
  }

  /** The next thing for the line circuit to do. */
  takeSignal(): StationSignal | undefined {
    return this.#signals.shift();
  }

  /** Every 20 ms: takes what comes from the exchange and fills what goes there; on-hook it may bring caller ID. */
  exchangeAudio(now: number, received: Uint8Array, toSend: Uint8Array): void {
    this.#audio.exchange(received, toSend);
    switch (this.#state) {
      case 'ringing':
        this.#readCallerId();
        return;
      case 'seized':
      case 'waiting':
      case 'talking':
        this.#listen(now);
        break;
      case 'dialling':
        // The exchange may ring before the last key has ended.
        this.#early = this.#tones.push(this.#audio.samples) ?? this.#early;
        if (!this.#audio.playing && this.#pulses.length === 0) this.#dialled(now);
        break;
      default:
        break;
    }
    if (this.#call !== undefined && this.#isThrough()) {
      this.#events.push({ kind: 'audio', call: this.#call, octets: this.#audio.octets });
    }
  }

  #isThrough(): boolean {
    return this.#state === 'waiting' || this.#state === 'talking';
  }

  #readCallerId(): void {
    const { samples } = this.#audio;
    if (this.#callerId === undefined) {
      this.#callerKeys += this.#keys.push(samples);
      const read = callInformationOfDtmf(this.#callerKeys);
      if (read !== undefined) this.#offer(read);
      return;
    }
    const { octets, lost } = this.#callerId.push(samples);
    for (const octet of octets) {
      const read = this.#reader.push(octet);
      if (read !== undefined && this.#state === 'ringing') this.#offer(read);
    }
    if (lost) this.#reader.reset();
  }

  #offer(information: CallInformation): void {
    if (this.#call === undefined) return;
    this.#state = 'offered';
    this.#deadlines.clear('caller-id');
    this.#events.push({
      kind: 'incoming',
      call: this.#call,
      called: { typeOfNumber: 0, numberingPlan: 1, digits: '' },
      complete: false,
      calling: partyOf(information),
    });
  }

  /** Off-hook for a call from the exchange. */
  #takeLine(): void {
    this.#deadlines.clear('ring-end');
    this.#listenAnew();
    this.#loop(true);
    this.#state = 'talking';
    this.#knownAnswered = true;
  }

  #listen(now: number): void {
    const tone = this.#tones.push(this.#audio.samples);
    if (this.#state === 'seized') {
      if (tone === 'dial') this.#dial(now);
    } else if (tone !== undefined) this.#hear(now, tone);
    if (this.#state !== 'talking') return;
    for (const key of this.#keys.push(this.#audio.samples)) this.#key(now, key);
  }

  #hear(now: number, tone: CallProgressTone): void {
    const value = causeOfTone[tone];
    if (value !== undefined) {
      // After an answer that is known for one these tones say that the far end has hung up.
      const cause = this.#knownAnswered ? NORMAL_CLEARING : { value, location: PUBLIC_NETWORK };
      this.#end(now, cause, 'far-end');
    } else if (tone === 'ringback' && this.#state === 'waiting' && this.#call !== undefined) {
      this.#events.push({ kind: 'alerting', call: this.#call, inBand: true });
    }
  }

  #key(now: number, key: string): void {
    if (this.#call === undefined) return;
    if (!this.#collects) {
      this.#events.push({ kind: 'keys', call: this.#call, keys: key });
      return;
    }
    this.#audio.play(undefined);
    if (key === '#') {
      this.#endOfDigits();
      return;
    }
    this.#deadlines.set('digits', now + INTER_DIGIT);
    this.#events.push({ kind: 'digits', call: this.#call, digits: key, complete: false });
  }

  #endOfDigits(): void {
    this.#stopCollecting();
    if (this.#call !== undefined) this.#events.push({ kind: 'digits', call: this.#call, digits: '', complete: true });
  }

  #stopCollecting(): void {
    if (!this.#collects) return;
    this.#collects = false;
    this.#deadlines.clear('digits');
    this.#audio.play(undefined);
  }

  #dial(now: number): void {
    this.#deadlines.clear('dial-tone');
    const digits = this.#toDial;
    this.#toDial = '';
    this.#state = 'dialling';
    if (this.#options.dialling === 'pulse') {
      this.#pulses = [...pulsesOf(digits)];
      this.#nextPulse(now);
    } else this.#audio.play(dtmfTones(digits));
  }

  #nextPulse(now: number): void {
    const [next] = this.#pulses;
    if (next !== undefined) this.#deadlines.set('pulse', now + next.afterMilliseconds);
  }

  #pulse(now: number): void {
    const step = this.#pulses.shift();
    if (step !== undefined) this.#loop(step.closed);
    this.#nextPulse(now);
  }

  #dialled(now: number): void {
    if (this.#call === undefined) return;
    this.#state = 'waiting';
    this.#events.push({ kind: 'proceeding', call: this.#call, inBand: true });
    if (this.#early !== undefined) this.#hear(now, this.#early);
    this.#early = undefined;
    if (this.#state !== 'waiting') return;
    if (this.#options.answerSupervision !== 'battery-reversal') this.#answered();
  }

  #answered(): void {
    this.#state = 'talking';
    if (this.#call !== undefined) this.#events.push({ kind: 'answered', call: this.#call });
  }

  #expire(now: number, timer: Timer): void {
    switch (timer) {
      case 'caller-id':
        this.#offer({});
        return;
      case 'ring-end':
        this.#end(now, NORMAL_CLEARING, 'far-end');
        return;
      case 'dial-tone':
        this.#dial(now);
        return;
      case 'pulse':
        this.#pulse(now);
        return;
      case 'digits':
        this.#endOfDigits();
        return;
      case 'disconnect':
        this.#batteryLost(now);
        return;
      case 'guard':
        this.#state = 'idle';
        if (this.#battery === 'off') this.#batteryLost(now);
        return;
    }
  }

  /** In a call it is the exchange that ends it; otherwise the line is dead. */
  #batteryLost(now: number): void {
    if (this.#call !== undefined) this.#end(now, NORMAL_CLEARING, 'far-end');
    else if (this.#state === 'idle') {
      this.#state = 'out-of-service';
      this.#events.push({ kind: 'service', inService: false, reason: 'the line has no battery' });
    }
  }

  #end(now: number, cause: ReleaseCause, by: 'far-end' | 'gateway'): void {
    const call = this.#call;
    this.#call = undefined;
    const wasOffHook = this.#state !== 'ringing' && this.#state !== 'offered';
    const wasTold = this.#state !== 'ringing';
    if (wasOffHook) this.#loop(false);
    this.#state = 'guard';
    this.#collects = false;
    this.#pulses = [];
    this.#deadlines.clearAll();
    this.#deadlines.set('guard', now + (wasOffHook ? GUARD : RING_END));
    this.#audio.reset();
    if (call !== undefined && wasTold) this.#events.push({ kind: 'released', call, cause, by });
  }

  #listenAnew(): void {
    const { callerId, country } = this.#options;
    this.#audio.reset();
    this.#tones = new CallProgressDetector(country);
    this.#keys = new DtmfDetector();
    this.#callerId = callerId === 'dtmf' ? undefined : new FskReceiver(callerId === 'v23' ? v23 : bell202);
    this.#reader = new CallInformationReader();
    this.#callerKeys = '';
    this.#knownAnswered = false;
    this.#early = undefined;
  }

  #loop(closed: boolean): void {
    this.#signals.push({ kind: 'loop', closed });
  }
}

const RESTRICTED = 1;
const NOT_AVAILABLE = 2;

function partyOf({ number, name }: CallInformation): CallingParty {
  const shownName = typeof name === 'string' ? { name } : {};
  if (number === undefined) return shownName;
  const digits = typeof number === 'string' ? number : '';
  const indicator = typeof number === 'string' ? 0 : number.absent === 'private' ? RESTRICTED : NOT_AVAILABLE;
  // Screening 3: the network says so.
  return {
    number: { typeOfNumber: 0, numberingPlan: 1, presentation: { indicator, screening: 3 }, digits },
    ...shownName,
  };
}
