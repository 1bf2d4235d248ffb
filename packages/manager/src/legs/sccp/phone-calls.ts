import type {
  CallControlInput,
  CallControlOutput,
  Cause,
  DialledSoFar,
  LegId,
  LegProtection,
  MediaDescription,
  ShownProtection,
} from '@trustline/callcontrol';
import type { KnownMessage, SessionDialect } from '@trustline/sccp';
import { CallDisplay } from './call-display.ts';
import { Dialling, FIRST_DIGIT_TIMEOUT } from './dialling.ts';
import { LegMedia } from './leg-media.ts';
import { channelMessage } from './media-messages.ts';
import type { PairedKeys } from './paired-keys.ts';
import { type DialPurpose, type PhoneCall, type PhoneCallState, shownCaller } from './phone-call.ts';
import { PhoneScreen } from './phone-screen.ts';
import { filled, type PhoneTexts } from './phone-texts.ts';
import type { MediaAddress, PhoneMedia } from './stream-choice.ts';

/** A line of the phone, in the order of its buttons. */
export interface PhoneLine {
  readonly number: string;
  readonly displayName: string | undefined;
}

/** The phone as it has registered. */
export interface CallingPhone {
  readonly device: string;
  readonly lines: readonly PhoneLine[];
  readonly protection: LegProtection;
  readonly dialect: SessionDialect;
  readonly media: PhoneMedia;
  /** Where the media relay is for this phone, when it says no address of its own. */
  readonly localAddress: string;
  send(message: KnownMessage): void;
}

export interface PhoneCallsPorts {
  readonly phone: CallingPhone;
  readonly texts: PhoneTexts;
  readonly paired: PairedKeys;
  readonly random: (length: number) => Uint8Array;
  /** How long calls go on whose phone has lost its connection, in milliseconds. */
  readonly patience: LostPhonePatience;
  newLeg(): LegId;
  /** Whether a number is that of a line here. */
  isInside(number: string): boolean;
  /** The trunk or gateway that the phone is in a call with, to be shown to it. */
  shownFarSide(leg: LegId): string | undefined;
  /** To call control. */
  say(input: CallControlInput): void;
  /** A leg has begun, or has ended. */
  legChanged(leg: LegId, isThere: boolean): void;
  dialledSoFar(now: number, digits: string): DialledSoFar;
  /** Whether whoever is reached by this number wants to be offered media: a call that is taken, a conference. */
  offersFirst(now: number, number: string, line: string): boolean;
  /** All calls of a line go to this number from now on. */
  forwardAll(line: number, number: string): void;
}

/** Milliseconds that a phone without a connection is waited for. */
export interface LostPhonePatience {
  /** By the call that its user talks in, whose media go on. */
  readonly talking: number;
  /** By those that are held. */
  readonly held: number;
}

/** How long the tone of a call that failed is played. */
const FAILED_TIMEOUT = 20_000;
/** How long a digit is played that the phone has not said the length of, in milliseconds. */
const DIGIT_LENGTH = 160;
/** Calls of one phone at most; a phone has hardly more on its display. */
const MOST_CALLS = 16;

/**
 * The calls of one registered phone: what its user does on one side, call control on the other. One call has the phone's
 * ear; others are held or ring. Sans-IO; times are monotonic milliseconds.
 */
export class PhoneCalls {
  readonly dialling: Dialling;
  readonly #ports: PhoneCallsPorts;
  #phone: CallingPhone;
  #display: CallDisplay;
  /** The phone has lost its connection: deadlines are those of waiting for it. */
  #isAway = false;
  readonly #calls = new Map<number, PhoneCall>();
  #nextReference = 1;
  #nextChannel = 1;

  constructor(ports: PhoneCallsPorts) {
    this.#ports = ports;
    this.#phone = ports.phone;
    this.#display = this.#displayOf(ports.phone);
    this.dialling = new Dialling({
      dialledSoFar: ports.dialledSoFar,
      atEar: () => this.atEar(),
      newCall: (now, line) => this.newCall(now, line),
      begins: (call) => this.#display.firstDigit(call),
      place: (now, call) => this.#place(now, call),
      fail: (now, call, cause) => this.fail(now, call, cause),
    });
  }

  get screen(): PhoneScreen {
    return this.#display.screen;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** When {@link handleTime} is to be called. */
  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const { deadline, media } of this.#calls.values()) {
      for (const at of [deadline, media?.deadline]) {
        if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
      }
    }
    return earliest;
  }

  handleTime(now: number): void {
    for (const call of [...this.#calls.values()]) {
      call.media?.handleTime(now);
      if (call.deadline === undefined || call.deadline > now) continue;
      call.deadline = undefined;
      if (this.#isAway) this.leave(call);
      else if (call.state === 'failed') this.close(call);
      else if (call.state === 'dialling') this.dialling.ended(now, call);
    }
  }

  /** The receiver is taken up, or the speaker's key pressed. */
  offHook(now: number, line: number, reference: number): void {
    const ringing = this.find(reference, 'ringing-in') ?? this.#oldest('ringing-in');
    if (ringing !== undefined) this.answer(now, ringing);
    else if (this.atEar() === undefined) this.newCall(now, line);
  }

  onHook(reference: number): void {
    const call = this.find(reference) ?? this.atEar();
    if (call !== undefined && call.state !== 'held' && call.state !== 'ringing-in') this.hangUp(call);
  }

  /** The key of a line: takes what rings there, goes on with what is held there, or begins. */
  lineKey(now: number, line: number): void {
    const ringing = this.#oldest('ringing-in', line);
    const held = this.#oldest('held', line);
    if (ringing !== undefined) this.answer(now, ringing);
    else if (this.atEar()?.line === line) return;
    else if (held !== undefined) this.resume(now, held);
    else this.newCall(now, line);
  }

  /** Off hook on a line, to dial; the call that has the phone's ear is held. */
  newCall(now: number, line: number, purpose?: DialPurpose): PhoneCall | undefined {
    const button = this.#phone.lines[line - 1] === undefined ? 1 : line;
    if (this.#phone.lines[button - 1] === undefined || this.#calls.size >= MOST_CALLS) return undefined;
    this.#leaveEar(now);
    const call = this.#add(button, 'out', purpose);
    call.deadline = now + FIRST_DIGIT_TIMEOUT;
    this.#display.offHook(call);
    return call;
  }

  /** A key of the key pad. */
  digit(now: number, digit: string, reference: number): void {
    const call = this.find(reference) ?? this.atEar();
    if (call?.state === 'connected' && call.leg !== undefined) {
      // Where the other end takes digits in the media, the phone sends them there itself (RFC 4733).
      if (call.media?.sendsDigits === true) return;
      this.#ports.say({ kind: 'digit', leg: call.leg, digit, milliseconds: DIGIT_LENGTH });
      return;
    }
    if (call?.state === 'dialling') this.dialling.digit(now, call, digit);
  }

  answer(now: number, call = this.#oldest('ringing-in')): void {
    if (call?.media === undefined || call.state !== 'ringing-in') return;
    this.#leaveEar(now);
    this.screen.ring(call, 'RingOff');
    this.screen.selectLine(call.line);
    this.#connected(call);
    const { offer } = call;
    call.offer = undefined;
    const fault = offer === undefined ? undefined : call.media.takeOffer(now, offer, 'answered');
    if (offer === undefined) call.media.makeOffer(now, 'answered');
    else if (fault !== undefined) this.#refuse(call, fault);
  }

  hold(now: number, call = this.atEar()): void {
    if (call?.state !== 'connected') return;
    call.state = 'held';
    call.media?.hold(now);
    this.#display.held(call);
  }

  resume(now: number, call = this.#oldest('held')): void {
    if (call?.state !== 'held') return;
    this.#leaveEar(now);
    this.screen.selectLine(call.line);
    this.#connected(call);
    call.media?.resume(now);
  }

  /** The first time somebody is called to whom to transfer; the second time it is done. */
  transfer(now: number, call = this.atEar()): void {
    if (call?.purpose?.kind === 'transfer') {
      const { of } = call.purpose;
      if (call.leg === undefined || of.leg === undefined) return;
      this.#ports.say({ kind: 'transfer', leg: of.leg, to: { kind: 'leg', leg: call.leg } });
    } else if (call?.state === 'connected') this.newCall(now, call.line, { kind: 'transfer', of: call });
  }

  /** The other end goes to a number, whoever is there; `words` are shown then. */
  transferTo(number: string, words: string, call = this.atEar()): void {
    if (call?.state !== 'connected' || call.leg === undefined) return;
    call.sent = words;
    this.#ports.say({ kind: 'transfer', leg: call.leg, to: { kind: 'number', number } });
  }

  /** The user is done with a call, in whatever state. */
  hangUp(call = this.atEar() ?? this.#oldest('ringing-in')): void {
    if (call === undefined) return;
    const { leg, state } = call;
    if (leg !== undefined && state !== 'failed') {
      if (state === 'ringing-in') this.#ports.say({ kind: 'refused', leg, cause: 'call-rejected' });
      else if (state === 'proceeding' || state === 'ringing-out') this.#ports.say({ kind: 'cancelled', leg });
      else this.#ports.say({ kind: 'released', leg, cause: 'normal-clearing' });
    }
    this.close(call);
  }

  /** OpenReceiveChannelAck. */
  channelOpened(now: number, channel: number, at: MediaAddress | undefined): void {
    for (const { media } of [...this.#calls.values()]) media?.channelOpened(now, channel, at);
  }

  /** The phone does not send where it was to: nobody would hear it. */
  cannotSend(channel: number): void {
    for (const { media } of [...this.#calls.values()]) media?.cannotSend(channel);
  }

  /** The call with this reference, in this state where one is asked for. */
  find(reference: number, state?: PhoneCallState): PhoneCall | undefined {
    const call = this.#calls.get(reference);
    return state === undefined || call?.state === state ? call : undefined;
  }

  /** The call of a leg. */
  ofLeg(leg: LegId): PhoneCall | undefined {
    for (const call of this.#calls.values()) if (call.leg === leg) return call;
    return undefined;
  }

  /** Who takes part in a call, and its lock: what is read of that follows it. */
  show(call: PhoneCall): void {
    this.#display.parties(call);
    if (call.state === 'connected' && call.words !== undefined) this.promptTalking(call);
  }

  /** The other end is heard: the lock is no promise about what lies behind a trunk or gateway. */
  promptTalking(call: PhoneCall): void {
    const words = this.#talkingWords(call);
    if (call.words !== words) this.screen.prompt(call, words);
    call.words = words;
  }

  /** The other end holds. */
  promptHeld(call: PhoneCall): void {
    call.words = undefined;
    this.screen.prompt(call, this.#ports.texts.otherEndHolds);
  }

  /** What protects the signalling of the other end is gone, is back, or is none of this call any more. */
  protectionShown(call: PhoneCall, protection: ShownProtection | undefined): void {
    const { texts } = this.#ports;
    call.unprotected = protection?.isThere === false ? protection.device : undefined;
    if (protection?.isThere === true) this.screen.notify(filled(texts.protectionBack, protection.device));
    if (call.state === 'connected' && call.words !== undefined) this.promptTalking(call);
  }

  #talkingWords({ leg, level, unprotected }: PhoneCall): string {
    const { texts, shownFarSide } = this.#ports;
    if (unprotected !== undefined) return filled(texts.protectionGone, unprotected);
    const farSide = leg === undefined || level !== 'encrypted' ? undefined : shownFarSide(leg);
    return farSide === undefined ? texts.connected : filled(texts.encryptedTo, farSide);
  }

  /** Call control has a call for a line of the phone. */
  ring(placed: Extract<CallControlOutput, { kind: 'place' }>): void {
    const button = this.#phone.lines.findIndex(({ number }) => number === placed.line) + 1;
    const isBusy = this.atEar() !== undefined;
    if (button === 0 || this.#calls.size >= MOST_CALLS) {
      this.#ports.say({ kind: 'refused', leg: placed.leg, cause: 'user-busy' });
      return;
    }
    const call = this.#add(button, 'in', undefined);
    call.state = 'ringing-in';
    call.level = placed.level;
    call.offer = placed.offer;
    call.party = shownCaller(placed.caller, this.#ports.texts.unknownCaller);
    const [first] = placed.diversions ?? [];
    if (first !== undefined) call.originalCalled = { number: first.from, name: '' };
    this.#begin(call, placed.leg);
    this.#display.ringsIn(call, isBusy, this.#ports.isInside(placed.caller.number));
    this.#ports.say({ kind: 'ringing', leg: placed.leg, ...(isBusy ? { callWaiting: true } : {}) });
  }

  /** The call goes on to another number. */
  forwarded(call: PhoneCall, number: string): void {
    this.#display.forwarded(call, number);
  }

  /** It rings where the phone has called; with `callWaiting` for somebody who is in another call. */
  ringsOut(call: PhoneCall, callWaiting: boolean): void {
    if (call.state !== 'proceeding') return;
    call.state = 'ringing-out';
    this.#display.ringsOut(call, callWaiting);
  }

  /** The phone's call is answered; with an offer where the phone has made none. */
  answered(call: PhoneCall, now?: number, offer?: MediaDescription): void {
    if (call.state === 'proceeding' || call.state === 'ringing-out') this.#connected(call);
    if (now === undefined || offer === undefined) return;
    const fault = call.media?.takeOffer(now, offer, 'answer');
    if (fault !== undefined) this.#refuse(call, fault);
  }

  /**
   * The call has come to nothing, and the user hears and reads why until the phone goes on hook.
   *
   * @param found more than the cause says, in English
   */
  fail(now: number, call: PhoneCall, cause: Cause, found?: string): void {
    if (call.state === 'held' || call.state === 'ringing-in') {
      this.close(call);
      return;
    }
    this.#endLeg(call);
    call.state = 'failed';
    call.deadline = now + FAILED_TIMEOUT;
    this.#display.failed(call, cause, found);
  }

  /** The call is over, and leaves the display. */
  close(call: PhoneCall): void {
    const hadEar = call === this.atEar();
    this.#endLeg(call);
    this.#calls.delete(call.reference);
    this.#display.over(call);
    this.#relight(call.line);
    if (hadEar) this.#display.idle();
  }

  /**
   * The phone has lost its connection. Who talks goes on talking, for the media need nobody here, and what is held waits;
   * all other calls end. Says how many go on.
   */
  phoneLost(now: number): number {
    this.#isAway = true;
    const { talking, held } = this.#ports.patience;
    for (const call of [...this.#calls.values()]) {
      const isAnswered = call.state === 'connected' || call.state === 'held';
      if (isAnswered && call.media?.isSettled === true) call.deadline = now + (call.state === 'held' ? held : talking);
      else this.leave(call);
    }
    return this.#calls.size;
  }

  /** The phone is there again, with or without the streams that it had. What it cannot go on with ends. */
  phoneBack(phone: CallingPhone, hasStreams: boolean): void {
    for (const call of [...this.#calls.values()]) {
      const isSameLine = phone.lines[call.line - 1]?.number === this.#phone.lines[call.line - 1]?.number;
      const isSafe = phone.protection.signalling === this.#phone.protection.signalling;
      const goesOn = isSameLine && isSafe && (call.state === 'held' || hasStreams);
      if (goesOn) call.deadline = undefined;
      else this.leave(call, 'normal-clearing');
    }
    this.#isAway = false;
    this.#phone = phone;
    this.#display = this.#displayOf(phone);
  }

  /** Shows anew what calls there are: those that are held, then the one that talks. */
  showAll(): void {
    const calls = [...this.#calls.values()];
    for (const call of calls) if (call.state === 'held') this.#display.held(call);
    for (const call of calls) {
      if (call.state !== 'connected') continue;
      this.screen.selectLine(call.line);
      this.#connected(call);
    }
  }

  /** The other end offers something to a call whose phone is away: what holds is said again, and nothing else is possible. */
  offeredAway(now: number, call: PhoneCall, offer: MediaDescription): void {
    const { leg, media } = call;
    if (leg === undefined || media === undefined) return;
    if (media.isUnchangedBy(offer)) media.takeOffer(now, offer, 'answer');
    else this.#ports.say({ kind: 'offer-refused', leg, cause: 'temporary-failure' });
  }

  /** The phone is there no more: its legs are the caller's to end. */
  end(): void {
    for (const call of this.#calls.values()) this.#endLeg(call);
    this.#calls.clear();
  }

  /** The call that has the phone's ear. */
  atEar(): PhoneCall | undefined {
    for (const call of this.#calls.values()) {
      if (call.state !== 'held' && call.state !== 'ringing-in') return call;
    }
    return undefined;
  }

  #displayOf({ dialect, send, lines }: CallingPhone): CallDisplay {
    return new CallDisplay(new PhoneScreen(dialect, send), lines, this.#ports.texts);
  }

  #oldest(state: PhoneCallState, line?: number): PhoneCall | undefined {
    for (const call of this.#calls.values()) {
      if (call.state === state && (line === undefined || call.line === line)) return call;
    }
    return undefined;
  }

  /** The ear is free for another call: what it had is held, or is over where nobody has answered. */
  #leaveEar(now: number): void {
    const call = this.atEar();
    if (call?.state === 'connected') this.hold(now, call);
    else if (call !== undefined) this.hangUp(call);
  }

  #add(line: number, direction: PhoneCall['direction'], purpose: DialPurpose | undefined): PhoneCall {
    const call: PhoneCall = {
      line,
      reference: this.#nextReference,
      direction,
      purpose,
      state: 'dialling',
      leg: undefined,
      media: undefined,
      offer: undefined,
      digits: '',
      level: 'non-secure',
      words: undefined,
      unprotected: undefined,
      party: { number: '', name: '' },
      originalCalled: undefined,
      sent: undefined,
      deadline: undefined,
    };
    this.#nextReference += 1;
    this.#calls.set(call.reference, call);
    return call;
  }

  /** The number is whole. */
  #place(now: number, call: PhoneCall): void {
    const { digits, purpose } = call;
    call.deadline = undefined;
    this.screen.stopTone(call);
    if (purpose?.kind === 'forward-all') {
      this.close(call);
      this.#ports.forwardAll(call.line, digits);
      return;
    }
    const line = this.#phone.lines[call.line - 1];
    if (line === undefined) return;
    const leg = this.#ports.newLeg();
    call.state = 'proceeding';
    call.party = { number: digits, name: '' };
    this.#begin(call, leg);
    this.#display.proceeds(call);
    if (this.#ports.offersFirst(now, digits, line.number)) call.media?.makeOffer(now, 'call');
    else this.#say(call, undefined);
  }

  /** Call control hears of a call of the phone's. */
  #say(call: PhoneCall, offer: MediaDescription | undefined): void {
    const { device, protection } = this.#phone;
    const { leg, party } = call;
    const line = this.#phone.lines[call.line - 1];
    if (leg === undefined || line === undefined) return;
    const { number, displayName } = line;
    const caller = { number, anonymous: false, ...(displayName === undefined ? {} : { displayName }) };
    const destination = party.number;
    const offered = offer === undefined ? {} : { offer };
    this.#ports.say({ kind: 'incoming', leg, device, line: number, destination, protection, caller, ...offered });
  }

  #begin(call: PhoneCall, leg: LegId): void {
    const { random, paired, say } = this.#ports;
    call.leg = leg;
    this.#ports.legChanged(leg, true);
    call.media = new LegMedia({
      leg,
      phone: this.#phone.media,
      random,
      paired,
      nextChannel: () => this.#nextChannel++,
      order: (order) => {
        const { dialect, localAddress, send } = this.#phone;
        const isHere = order.kind === 'start-media-transmission' && order.address === '';
        send(channelMessage(dialect, isHere ? { ...order, address: localAddress } : order, call.reference));
      },
      say,
      call: (offer) => this.#say(call, offer),
      failed: (cause) => this.#refuse(call, cause),
    });
  }

  /** The phone cannot go on with a call that talks, or that it has just taken. */
  #refuse(call: PhoneCall, cause: Cause): void {
    if (call.leg !== undefined) this.#ports.say({ kind: 'released', leg: call.leg, cause });
    this.close(call);
  }

  #connected(call: PhoneCall): void {
    call.state = 'connected';
    call.words = this.#talkingWords(call);
    this.#display.connected(call, call.words);
  }

  /** The phone has no part in a call any more, and cannot be told. */
  leave(call: PhoneCall, cause: Cause = 'destination-out-of-order'): void {
    const { leg, state } = call;
    this.#endLeg(call);
    this.#calls.delete(call.reference);
    if (leg === undefined) return;
    if (state === 'ringing-in') this.#ports.say({ kind: 'refused', leg, cause });
    else if (state === 'proceeding' || state === 'ringing-out') this.#ports.say({ kind: 'cancelled', leg });
    else this.#ports.say({ kind: 'released', leg, cause });
  }

  #endLeg(call: PhoneCall): void {
    call.media?.end();
    call.media = undefined;
    if (call.leg !== undefined) this.#ports.legChanged(call.leg, false);
    call.leg = undefined;
  }

  /** The lamp of a line shows what is left there. */
  #relight(line: number): void {
    if (this.#oldest('ringing-in', line) !== undefined) this.screen.lineLamp(line, 'Blink');
    else if (this.atEar()?.line === line) this.screen.lineLamp(line, 'On');
    else this.screen.lineLamp(line, this.#oldest('held', line) === undefined ? 'Off' : 'Wink');
  }
}
