import { Deadlines } from '@trustline/base';
import type { PartyNumber } from '@trustline/h323';
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
import { type CallInformation, dtmfOfCallInformation, encodeCallInformation } from './caller-id/call-information.ts';
import { bell202, modulate, v23 } from './caller-id/fsk.ts';
import { type HookEvent, HookReader, type HookTiming } from './hook.ts';
import { LineAudio } from './line-audio.ts';
import type { CallerIdMethod, OfficeSignal } from './loop-signals.ts';

export interface FxsPortOptions {
  /** As call records show it. */
  readonly name: string;
  readonly law: CompandingLaw;
  /** Whose tones and ringing cadence the telephone hears. */
  readonly country: ToneCountry;
  /** Sent after the first ring. */
  readonly callerId: CallerIdMethod;
  /** The telephone's own number, told as the caller's. */
  readonly number?: PartyNumber;
  /** Reverses the battery while the far end has answered. */
  readonly answerReversal?: boolean;
  readonly hook?: HookTiming;
  /** Milliseconds: how long the first digit is waited for, and every further one. */
  readonly firstDigit?: number;
  readonly interDigit?: number;
  /** The local time for caller ID: month, day, hour and minute, two digits each. */
  readonly dateAndTime?: () => string;
}

/**
 * `idle`: on-hook. `ringing`: a call for the telephone. `collecting`: off-hook, and dials. `waiting`: dialled, and the call is
 * under way. `talking`. `disconnected`: the call is over, and the telephone is still off-hook.
 */
export type FxsState = 'idle' | 'ringing' | 'collecting' | 'waiting' | 'talking' | 'disconnected';

type Timer = 'ring' | 'caller-id' | 'digits' | 'battery' | 'tone-end';

const BUSY: ReleaseCause = { value: 17, location: 0 };
const NORMAL_CLEARING: ReleaseCause = { value: 16, location: 0 };
const RESTRICTED = 1;
const FIRST_DIGIT = 16_000;
const INTER_DIGIT = 4_000;
/** Caller ID begins so long after the first ring (GR-30-CORE: 0.5 to 1.5 s). */
const CALLER_ID_AFTER = 600;
/** The battery is off for so long when the far end is gone: what machines take for the end of a call. */
const DISCONNECT_MILLISECONDS = 800;
/** The tone after a call is not played for ever to a telephone that nobody puts down. */
const LONGEST_TONE = 60_000;
/** Ends a number before its time, as on most exchanges. */
const END_OF_NUMBER = '#';

/**
 * A port for a telephone (foreign exchange station, loop start): it feeds the line, rings, plays the tones of an exchange
 * and reads what the telephone dials, by DTMF or by pulses. The line's side is that of a subscriber line circuit:
 * `setLoop`, `takeSignal`, and `exchangeAudio` every 20 ms.
 */
export class FxsPort implements VoicePort {
  readonly kind = 'fxs';
  readonly name: string;
  readonly law: CompandingLaw;
  readonly channels = 1;
  readonly inService = true;
  readonly #options: FxsPortOptions;
  readonly #hook: HookReader;
  readonly #audio: LineAudio;
  readonly #deadlines = new Deadlines<Timer>();
  readonly #events: VoicePortEvent[] = [];
  readonly #signals: OfficeSignal[] = [];
  #detector = new DtmfDetector();
  #state: FxsState = 'idle';
  #nextNumber = 1;
  #call: number | undefined;
  /** The section of the ringing cadence that is under way; each odd one is silence. */
  #ringSection = 0;
  #information: CallInformation | undefined;
  #wantsDigits = false;

  constructor(options: FxsPortOptions) {
    this.#options = options;
    this.name = options.name;
    this.law = options.law;
    this.#hook = new HookReader(options.hook);
    this.#audio = new LineAudio(options.law);
    this.#events.push({ kind: 'service', inService: true, reason: 'a line is always fed' });
  }

  get state(): FxsState {
    return this.#state;
  }

  get freeChannels(): number {
    return this.#state === 'idle' ? 1 : 0;
  }

  /** Rings the telephone; 17 where it is in use. */
  place(now: number, { calling }: OutgoingCall): number {
    const number = this.#nextNumber++;
    if (this.#state !== 'idle') {
      this.#events.push({ kind: 'released', call: number, cause: BUSY, by: 'line' });
      return number;
    }
    this.#call = number;
    this.#state = 'ringing';
    this.#audio.reset();
    this.#information = this.#informationOf(calling);
    this.#ringSection = 0;
    this.#ring(now);
    this.#events.push({ kind: 'alerting', call: number, inBand: false });
    return number;
  }

  /** A telephone is rung whole: it has no number to complete. */
  sendDigits(): void {}

  wantDigits(now: number, call: number): void {
    if (call !== this.#call || this.#state !== 'collecting' || this.#wantsDigits) return;
    this.#wantsDigits = true;
    this.#play('dial');
    this.#deadlines.set('digits', now + (this.#options.firstDigit ?? FIRST_DIGIT));
  }

  proceed(_now: number, call: number): void {
    if (call !== this.#call || this.#state !== 'collecting') return;
    this.#stopCollecting();
    this.#state = 'waiting';
  }

  progress(now: number, call: number): void {
    this.proceed(now, call);
    if (call === this.#call && this.#state === 'waiting') this.#audio.play(undefined);
  }

  alert(now: number, call: number, inBand: boolean): void {
    this.proceed(now, call);
    if (call !== this.#call || this.#state !== 'waiting') return;
    if (inBand) this.#audio.play(undefined);
    else this.#play('ringback');
  }

  answer(now: number, call: number): void {
    this.proceed(now, call);
    if (call !== this.#call || this.#state !== 'waiting') return;
    this.#state = 'talking';
    this.#audio.play(undefined);
    if (this.#options.answerReversal === true) this.#signals.push({ kind: 'battery', battery: 'reversed' });
  }

  sendKeys(_now: number, call: number, keys: string): void {
    if (call === this.#call && this.#state === 'talking') this.#audio.play(dtmfTones(keys));
  }

  release(now: number, call: number, cause: ReleaseCause): void {
    if (call !== this.#call) return;
    const rang = this.#state === 'ringing';
    const talked = this.#state === 'talking';
    this.#told(cause, 'gateway');
    this.#deadlines.clearAll();
    this.#audio.reset();
    if (rang) {
      this.#signals.push({ kind: 'ringing', on: false });
      this.#state = 'idle';
      return;
    }
    this.#state = 'disconnected';
    if (talked) {
      this.#signals.push({ kind: 'battery', battery: 'off' });
      this.#deadlines.set('battery', now + DISCONNECT_MILLISECONDS);
    }
    this.#play(cause.value === BUSY.value || talked ? 'busy' : 'congestion');
    this.#deadlines.set('tone-end', now + LONGEST_TONE);
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
    const dues = [this.#deadlines.next(), this.#hook.nextDeadline()].filter((due) => due !== undefined);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  handleTime(now: number): void {
    this.#hook.handleTime(now);
    this.#readHook(now);
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      this.#expire(now, due);
    }
  }

  /** The telephone closed or opened its loop: its hook, or a dial. */
  setLoop(now: number, closed: boolean): void {
    this.#hook.loop(now, closed);
    this.#readHook(now);
  }

  /** The next thing for the line circuit to do. */
  takeSignal(): OfficeSignal | undefined {
    return this.#signals.shift();
  }

  /** Every 20 ms: takes what the telephone says, and fills what it hears; it listens for caller ID when on-hook, too. */
  exchangeAudio(now: number, received: Uint8Array, toSend: Uint8Array): void {
    this.#audio.exchange(received, toSend);
    if (this.#call === undefined || this.#state === 'ringing') return;
    const keys = this.#detector.push(this.#audio.samples);
    for (const key of keys) this.#key(now, key);
    this.#events.push({ kind: 'audio', call: this.#call, octets: this.#audio.octets });
  }

  #readHook(now: number): void {
    for (let event = this.#hook.poll(); event !== undefined; event = this.#hook.poll()) this.#takeHook(now, event);
  }

  #takeHook(now: number, event: HookEvent): void {
    switch (event.kind) {
      case 'off-hook':
        if (this.#state === 'ringing') this.#tripRinging();
        else if (this.#state === 'idle') this.#originate();
        return;
      case 'on-hook':
        this.#hangUp();
        return;
      case 'flash':
        if (this.#state === 'talking' && this.#call !== undefined) {
          this.#events.push({ kind: 'hook-flash', call: this.#call });
        }
        return;
      case 'digit':
        this.#key(now, event.digit);
    }
  }

  #originate(): void {
    this.#call = this.#nextNumber++;
    this.#state = 'collecting';
    this.#wantsDigits = false;
    this.#audio.reset();
    this.#detector = new DtmfDetector();
    const { number } = this.#options;
    this.#events.push({
      kind: 'incoming',
      call: this.#call,
      called: { typeOfNumber: 0, numberingPlan: 1, digits: '' },
      complete: false,
      calling: number === undefined ? {} : { number },
    });
  }

  #tripRinging(): void {
    this.#deadlines.clearAll();
    this.#audio.reset();
    this.#detector = new DtmfDetector();
    this.#signals.push({ kind: 'ringing', on: false });
    this.#state = 'talking';
    if (this.#call !== undefined) this.#events.push({ kind: 'answered', call: this.#call });
  }

  #hangUp(): void {
    this.#deadlines.clearAll();
    this.#audio.reset();
    if (this.#state !== 'idle') this.#signals.push({ kind: 'battery', battery: 'normal' });
    this.#state = 'idle';
    this.#told(NORMAL_CLEARING, 'far-end');
  }

  /** A key or a dialled digit: of the number while that is collected, afterwards one for the far end. */
  #key(now: number, key: string): void {
    if (this.#call === undefined) return;
    if (this.#state === 'talking') {
      this.#events.push({ kind: 'keys', call: this.#call, keys: key });
      return;
    }
    if (this.#state !== 'collecting') return;
    this.#audio.play(undefined);
    if (key === END_OF_NUMBER) {
      this.#endOfDigits();
      return;
    }
    this.#deadlines.set('digits', now + (this.#options.interDigit ?? INTER_DIGIT));
    this.#events.push({ kind: 'digits', call: this.#call, digits: key, complete: false });
  }

  #endOfDigits(): void {
    this.#stopCollecting();
    if (this.#call !== undefined) this.#events.push({ kind: 'digits', call: this.#call, digits: '', complete: true });
  }

  #stopCollecting(): void {
    this.#deadlines.clear('digits');
    this.#audio.play(undefined);
  }

  #expire(now: number, timer: Timer): void {
    switch (timer) {
      case 'ring':
        this.#ringSection += 1;
        this.#ring(now);
        return;
      case 'caller-id':
        this.#sendCallerId();
        return;
      case 'digits':
        this.#endOfDigits();
        return;
      case 'battery':
        this.#signals.push({ kind: 'battery', battery: 'normal' });
        return;
      case 'tone-end':
        this.#audio.reset();
    }
  }

  /** Telephones ring in the cadence of the ringing tone that the caller hears (E.180 §3). */
  #ring(now: number): void {
    const { sections } = callProgressTone(this.#options.country, 'ringback');
    const section = sections[this.#ringSection % sections.length];
    if (section === undefined) return;
    this.#signals.push({ kind: 'ringing', on: section.frequencies.length > 0 });
    this.#deadlines.set('ring', now + section.milliseconds);
    // The last silence of a cadence is its longest.
    if (this.#ringSection === sections.length - 1) this.#deadlines.set('caller-id', now + CALLER_ID_AFTER);
  }

  #sendCallerId(): void {
    const { callerId } = this.#options;
    const information = this.#information;
    if (information === undefined || callerId === 'none') return;
    if (callerId === 'dtmf') this.#audio.play(dtmfTones(dtmfOfCallInformation(information), 70, 70));
    else this.#audio.play(modulate(encodeCallInformation(information), callerId === 'v23' ? v23 : bell202));
  }

  #informationOf(calling: CallingParty | undefined): CallInformation {
    const dateAndTime = this.#options.dateAndTime?.();
    const time = dateAndTime === undefined ? {} : { dateAndTime };
    const number = calling?.number;
    if (number?.presentation?.indicator === RESTRICTED) {
      return { ...time, number: { absent: 'private' }, name: { absent: 'private' } };
    }
    const digits = number?.digits ?? '';
    return {
      ...time,
      number: digits === '' ? { absent: 'unavailable' } : digits,
      ...(calling?.name === undefined ? {} : { name: calling.name }),
    };
  }

  #told(cause: ReleaseCause, by: 'gateway' | 'far-end'): void {
    if (this.#call !== undefined) this.#events.push({ kind: 'released', call: this.#call, cause, by });
    this.#call = undefined;
  }

  #play(tone: CallProgressTone): void {
    this.#audio.play(new ToneGenerator(callProgressTone(this.#options.country, tone)));
  }
}
