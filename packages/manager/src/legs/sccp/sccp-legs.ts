import { DeadlineQueue } from '@trustline/base';
import type {
  CallControlInput,
  CallControlOutput,
  DialledSoFar,
  Forwarding,
  LegId,
  MediaKey,
} from '@trustline/callcontrol';
import type { ServerEvent } from '@trustline/sccp';
import { BusyLamps } from './busy-lamps.ts';
import { PairedKeys } from './paired-keys.ts';
import { type CallingPhone, type LostPhonePatience, PhoneCalls } from './phone-calls.ts';
import { controlLostPhone, controlPhone } from './phone-control.ts';
import { type FeatureNumbers, PhoneFeatures } from './phone-features.ts';
import { pressed } from './phone-keys.ts';
import type { SpeedDial } from './phone-profile.ts';
import { type PhoneLanguage, phoneTexts } from './phone-texts.ts';

/** A Skinny phone that has registered. */
export interface RegisteredPhone extends CallingPhone {
  /** In the order of its buttons. */
  readonly speedDials: readonly SpeedDial[];
  readonly language: PhoneLanguage;
  /** Where it comes from. */
  readonly host: string;
  /** It says that streams of a call from before go on. */
  readonly hasStreams: boolean;
}

/** What the legs need of the manager around them. */
export interface SccpLegsPorts {
  readonly random: (length: number) => Uint8Array;
  newLeg(): LegId;
  /** Whether a number is that of a line here. */
  isInside(number: string): boolean;
  /** The trunk or gateway that a phone is in a call with, to be shown to it. */
  shownFarSide(leg: LegId): string | undefined;
  dialledSoFar(now: number, digits: string): DialledSoFar;
  /** Whether a number leads to somebody who waits there, or whose call is taken. */
  offersFirst(now: number, number: string, caller: { readonly device: string; readonly line: string }): boolean;
  readonly numbers: FeatureNumbers;
  readonly patience: LostPhonePatience;
  forwarding(line: string): Forwarding | undefined;
  /** A user has set where the calls of a line go. */
  setForwarding(line: string, forwarding: Forwarding): void;
  /** Messages that wait for a line. */
  messagesWaiting(line: string): number;
  /** What a device may see of the line of a number: a `BusyLampStatus`; undefined for nothing. */
  busyLamp(device: string, number: string): number | undefined;
}

interface Station {
  phone: RegisteredPhone;
  readonly calls: PhoneCalls;
  features: PhoneFeatures;
}

/** How long an answer of the manager's own is shown. */
const NOTICE_SECONDS = 10;

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;

/**
 * Skinny's door: translates between the keys and channels of phones and the vocabulary of call control. It decides
 * nothing; what policy, keys and levels mean is call control's. Sans-IO: what it wants said to call control is polled, and
 * times are monotonic milliseconds.
 */
export class SccpLegs {
  readonly #ports: SccpLegsPorts;
  readonly #stations = new Map<string, Station>();
  /** Phones that have lost their connection, and calls that go on meanwhile. */
  readonly #away = new Map<string, Station>();
  readonly #byLeg = new Map<LegId, Station>();
  readonly #paired = new PairedKeys();
  readonly #busyLamps: BusyLamps;
  readonly #deadlines = new DeadlineQueue<string>();
  readonly #inputs: CallControlInput[] = [];

  constructor(ports: SccpLegsPorts) {
    this.#ports = ports;
    this.#busyLamps = new BusyLamps(ports.busyLamp);
  }

  get size(): number {
    return this.#byLeg.size;
  }

  /** Whichever phone is told `own` is to send with `wished`, once. */
  wish(own: MediaKey, wished: MediaKey): void {
    this.#paired.wish([own], wished);
  }

  /** Nobody sends with this key any more. */
  unwish(own: MediaKey): void {
    this.#paired.remove([own]);
  }

  /** Whether a phone of ours sends with this key: it may receive elsewhere whenever it is told another one. */
  isOfPhone(key: MediaKey): boolean {
    return this.#paired.isOfPhone(key);
  }

  isRegistered(device: string): boolean {
    return this.#stations.has(device);
  }

  /** A phone has registered and said what it can do. Calls that have gone on without it are shown on it again. */
  registered(phone: RegisteredPhone): void {
    const { device } = phone;
    const away = this.#away.get(device);
    if (away === undefined) this.lose(device);
    const hasStreams = phone.hasStreams && phone.host === away?.phone.host;
    const station = away ?? this.#newStation(phone);
    station.phone = phone;
    station.features = this.#featuresOf(phone, station.calls);
    this.#away.delete(device);
    this.#stations.set(device, station);
    if (away !== undefined) station.calls.phoneBack(phone, hasStreams);
    this.#idle(station);
    this.#busyLamps.watch(device, phone.speedDials, station.calls.screen);
    station.calls.showAll();
    this.#reckon(station);
  }

  #newStation(phone: RegisteredPhone): Station {
    const { random, newLeg, isInside, shownFarSide, dialledSoFar, offersFirst, patience } = this.#ports;
    const { device } = phone;
    const calls: PhoneCalls = new PhoneCalls({
      phone,
      texts: phoneTexts[phone.language],
      paired: this.#paired,
      random,
      patience,
      newLeg,
      isInside,
      shownFarSide,
      say: (input) => void this.#inputs.push(input),
      legChanged: (leg, isThere) => {
        if (isThere) this.#byLeg.set(leg, station);
        else this.#byLeg.delete(leg);
      },
      dialledSoFar,
      offersFirst: (now, number, line) => offersFirst(now, number, { device, line }),
      forwardAll: (line, number) => station.features.forwardTo(line, number),
    });
    const station: Station = { phone, calls, features: this.#featuresOf(phone, calls) };
    return station;
  }

  #featuresOf({ lines, speedDials, language }: RegisteredPhone, calls: PhoneCalls): PhoneFeatures {
    const { numbers, forwarding, setForwarding } = this.#ports;
    return new PhoneFeatures({
      calls,
      lines,
      texts: phoneTexts[language],
      numbers,
      forwarding,
      setForwarding,
      speedDial: (instance) => speedDials[instance - 1]?.number,
      say: (input) => void this.#inputs.push(input),
    });
  }

  /** A number that the manager answers itself was dialled: the phone shows the answer, and the call is over. */
  answered(leg: LegId, words: string): void {
    const station = this.#byLeg.get(leg);
    const call = station?.calls.ofLeg(leg);
    if (station === undefined || call === undefined) return;
    station.calls.screen.notify(words, NOTICE_SECONDS);
    station.calls.close(call);
    this.#reckon(station);
  }

  /** The leg of a phone's call, 0 for that at its ear; undefined where there is none, or none yet. */
  legAt(device: string, reference: number): LegId | undefined {
    const calls = this.#stations.get(device)?.calls;
    return (reference === 0 ? calls?.atEar() : calls?.find(reference))?.leg;
  }

  /** The phone of a leg, and the call as it is named there: `SEP001122334455/3`. */
  placeOf(leg: LegId): { readonly device: string; readonly call: string } | undefined {
    const station = this.#byLeg.get(leg);
    const call = station?.calls.ofLeg(leg);
    if (station === undefined || call === undefined) return undefined;
    const { device } = station.phone;
    return { device, call: `${device}/${call.reference}` };
  }

  /** What the phone of a leg has dialled. */
  dialled(leg: LegId): { readonly device: string; readonly line: string; readonly destination: string } | undefined {
    const station = this.#byLeg.get(leg);
    const call = station?.calls.ofLeg(leg);
    const line = call && station?.phone.lines[call.line - 1]?.number;
    if (station === undefined || call === undefined || line === undefined || call.direction === 'in') return undefined;
    return { device: station.phone.device, line, destination: call.digits };
  }

  /** Where the calls of a line go has changed, or how many messages wait for it. */
  lineChanged(line: string): void {
    for (const station of this.#stations.values()) {
      if (station.phone.lines.some(({ number }) => number === line)) this.#idle(station);
    }
  }

  /** What is done on these lines has changed, or whether somebody is there. */
  watchedChanged(lines: readonly string[]): void {
    this.#busyLamps.changed(lines);
  }

  /** What a phone shows that is about no call. */
  #idle({ phone, calls, features }: Station): void {
    const { forwarding, messagesWaiting } = this.#ports;
    for (const [at, { number }] of phone.lines.entries()) {
      calls.screen.forwarding(at + 1, forwarding(number)?.always);
    }
    calls.screen.idlePrompt(features.idleText());
    calls.screen.messageLamp(phone.lines.some(({ number }) => messagesWaiting(number) > 0));
  }

  /** A registered phone says something; false for what is not of its calls. */
  received(now: number, device: string, event: ServerEvent): boolean {
    const station = this.#stations.get(device);
    if (station === undefined) return false;
    const isOfCalls = pressed(now, station.calls, station.features, event);
    this.#reckon(station);
    return isOfCalls;
  }

  /** Call control wants something done on a leg of ours; false for a leg of another door. */
  control(now: number, output: LegOutput): boolean {
    const station = output.kind === 'place' ? this.#stations.get(output.device) : this.#byLeg.get(output.leg);
    if (station === undefined) return false;
    const { calls, phone } = station;
    const texts = phoneTexts[phone.language];
    if (this.#away.get(phone.device) === station) controlLostPhone(now, calls, output);
    else controlPhone(now, calls, output, { texts, say: (input) => void this.#inputs.push(input) });
    this.#reckon(station);
    return true;
  }

  /** The connection of a phone is gone. Says how many calls go on without it. */
  phoneLost(now: number, device: string): number {
    const station = this.#stations.get(device);
    if (station === undefined) return 0;
    const left = station.calls.phoneLost(now);
    this.#stations.delete(device);
    this.#busyLamps.forget(device);
    this.#away.set(device, station);
    this.#reckon(station);
    return left;
  }

  /** Until when calls of a phone wait that has lost its connection; undefined where none do. */
  awaitedUntil(device: string): number | undefined {
    return this.#away.get(device)?.calls.nextDeadline();
  }

  /** The phone is there no more. Its legs are gone; call control is to hear that the device is lost. */
  lose(device: string): void {
    const station = this.#stations.get(device) ?? this.#away.get(device);
    if (station === undefined) return;
    station.calls.end();
    this.#away.delete(device);
    this.#stations.delete(device);
    this.#busyLamps.forget(device);
    this.#deadlines.clear(device);
  }

  /** What to tell call control next. */
  poll(): CallControlInput | undefined {
    return this.#inputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (;;) {
      const device = this.#deadlines.takeDue(now);
      if (device === undefined) return;
      const station = this.#stations.get(device) ?? this.#away.get(device);
      if (station === undefined) continue;
      station.calls.handleTime(now);
      this.#reckon(station);
    }
  }

  #reckon({ calls, phone }: Station): void {
    if (calls.size === 0) this.#away.delete(phone.device);
    this.#deadlines.set(phone.device, calls.nextDeadline());
  }
}
