import { hexadecimal } from '@trustline/base';
import type {
  CallControlInput,
  CallControlOutput,
  Forwarding,
  LegId,
  MediaKey,
  Numbering,
  Route,
} from '@trustline/callcontrol';
import type { SdesSuiteName } from '@trustline/keying';
import type { DeviceDirectory } from '../../device-directory.ts';
import type { GateNotice, TlsPeer } from '../sip/gate.ts';
import type { LostPhonePatience } from './phone-calls.ts';
import { noKeys, type PhoneKeys, type SkinnySettings } from './phone-profile.ts';
import { SccpLegs } from './sccp-legs.ts';
import { type SkinnyConnection, SkinnyDoor, type SkinnyDoorPorts, type SkinnyOutput } from './skinny-door.ts';

export interface SkinnyPorts {
  readonly directory: DeviceDirectory;
  readonly numbering: Numbering;
  readonly random: (length: number) => Uint8Array;
  readonly settings: SkinnySettings;
  /** SRTP suites of the cluster, preferred first. */
  readonly suites: readonly SdesSuiteName[];
  /** Numbers that the manager itself answers: call back on busy. */
  readonly callBack: { readonly activate: string; readonly cancel: string } | undefined;
  /** How long calls wait for a phone that has lost its connection. */
  readonly patience: LostPhonePatience;
  /** Where the key for messages leads. */
  readonly voiceMail: string | undefined;
  /** Keys of a device beside its lines; undefined for none. */
  keysOf(device: string): PhoneKeys | undefined;
  /** What a device may see of the line of a number: a `BusyLampStatus`; undefined for nothing. */
  busyLamp(device: string, number: string): number | undefined;
  /** Epoch milliseconds at a monotonic moment. */
  wallTime(now: number): number;
  isClosing(): boolean;
  /** Whether a number of the dial plan is in use: a place where a call is parked, a conference. */
  isTaken(number: string): boolean;
  /** The trunk or gateway that a phone is in a call with, to be shown to it. */
  shownFarSide(leg: LegId): string | undefined;
  messagesWaiting(line: string): number;
  notice(notice: GateNotice): void;
  readonly passed?: SkinnyDoorPorts['passed'];
  /** A user has set where the calls of a line go. */
  forwardLine(line: string, forwarding: Forwarding): void;
}

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;

/** All that the manager has of Skinny: the door with its sessions, and the legs of the phones that are served. */
export class Skinny {
  readonly #legs: SccpLegs;
  readonly #door: SkinnyDoor;
  /** What is said beside what legs say. */
  readonly #inputs: CallControlInput[] = [];

  constructor(ports: SkinnyPorts) {
    const { directory, numbering, random, wallTime, isTaken, callBack } = ports;
    const free = (feature: 'park' | 'conference') => numbering.numbersTo(feature).find((number) => !isTaken(number));
    const codes = callBack === undefined ? [] : [callBack.activate, callBack.cancel];
    // Asked for at each digit: looked through, not copied.
    function* dialable(): Iterable<string> {
      yield* codes;
      yield* directory.numbers();
    }
    this.#legs = new SccpLegs({
      random,
      newLeg: () => hexadecimal(random(16)),
      shownFarSide: ports.shownFarSide,
      isInside: (number) => directory.line(number) !== undefined,
      dialledSoFar: (now, digits) => numbering.dialledSoFar(digits, dialable(), wallTime(now)),
      offersFirst: (now, number, caller) => {
        const route = numbering.route(number, caller, wallTime(now));
        if (route?.kind === 'trunk') return announces(directory, route);
        const kind = route?.kind;
        return kind === 'pick-up' || kind === 'conference' || (kind === 'park' && isTaken(number));
      },
      numbers: {
        pickUp: numbering.numbersTo('pick-up')[0],
        park: () => free('park'),
        conference: () => free('conference'),
        callBack: callBack?.activate,
        voiceMail: ports.voiceMail,
      },
      patience: ports.patience,
      forwarding: (line) => directory.line(line)?.forwarding,
      setForwarding: ports.forwardLine,
      messagesWaiting: ports.messagesWaiting,
      busyLamp: ports.busyLamp,
    });
    this.#door = new SkinnyDoor({
      ...ports,
      legs: this.#legs,
      keysOf: (device) => ports.keysOf(device) ?? noKeys,
      linesOf: (device) =>
        (directory.device(device)?.lines ?? []).map((number) => ({
          number,
          displayName: directory.line(number)?.displayName,
        })),
      lost: (_, device) => void this.#inputs.push({ kind: 'device-lost', device }),
    });
  }

  /** Phones that are served. */
  get phones(): number {
    return this.#door.size;
  }

  /** Whichever phone is told `own` is to send with `wished`, once. */
  wish(own: MediaKey, wished: MediaKey): void {
    this.#legs.wish(own, wished);
  }

  /** Nobody sends with this key any more. */
  unwish(own: MediaKey): void {
    this.#legs.unwish(own);
  }

  /** Whether a phone sends with this key: it may receive elsewhere whenever it is told another one. */
  isOfPhone(key: MediaKey): boolean {
    return this.#legs.isOfPhone(key);
  }

  /** Legs that are there. */
  get size(): number {
    return this.#legs.size;
  }

  opened(now: number, connection: SkinnyConnection): void {
    this.#door.opened(now, connection);
  }

  received(now: number, connection: string, bytes: Uint8Array): void {
    this.#door.received(now, connection, bytes);
  }

  closed(now: number, connection: string): void {
    this.#door.closed(now, connection);
  }

  /** What to tell call control next. */
  poll(): CallControlInput | undefined {
    return this.#inputs.shift() ?? this.#legs.poll();
  }

  /** What is wanted of connections. */
  pollOutput(): SkinnyOutput | undefined {
    return this.#door.poll();
  }

  /** Call control wants something done on a leg; false where it is of another door. */
  control(now: number, output: LegOutput): boolean {
    return this.#legs.control(now, output);
  }

  /** A number that the manager answers itself was dialled: the phone shows the answer. */
  answered(leg: LegId, words: string): void {
    this.#legs.answered(leg, words);
  }

  /** The leg of a phone's call, 0 for that at its ear. */
  legAt(device: string, reference: number): LegId | undefined {
    return this.#legs.legAt(device, reference);
  }

  /** The phone of a leg, and the call as it is named there. */
  placeOf(leg: LegId): { readonly device: string; readonly call: string } | undefined {
    return this.#legs.placeOf(leg);
  }

  /** What the phone of a leg has dialled. */
  dialled(leg: LegId): { readonly device: string; readonly line: string; readonly destination: string } | undefined {
    return this.#legs.dialled(leg);
  }

  /** The phones of a line show that its calls go elsewhere, and that messages wait. */
  lineChanged(line: string): void {
    this.#legs.lineChanged(line);
  }

  /** Until when calls of a phone wait that has lost its connection; undefined where none do. */
  awaitedUntil(device: string): number | undefined {
    return this.#legs.awaitedUntil(device);
  }

  /** What is done on these lines has changed, or whether somebody is there. */
  watchedChanged(lines: readonly string[]): void {
    this.#legs.watchedChanged(lines);
  }

  reset(now: number, devices: readonly string[]): void {
    this.#door.reset(now, devices);
  }

  dismiss(now: number, device: string): void {
    this.#door.dismiss(now, device);
    this.#legs.lose(device);
  }

  dismissClear(now: number): void {
    this.#door.dismissClear(now);
  }

  rejudge(now: number, judge: (peer: TlsPeer) => string | undefined): void {
    this.#door.rejudge(now, judge);
  }

  handleTime(now: number): void {
    this.#door.handleTime(now);
    this.#legs.handleTime(now);
  }

  nextDeadline(): number {
    return Math.min(
      this.#door.nextDeadline() ?? Number.POSITIVE_INFINITY,
      this.#legs.nextDeadline() ?? Number.POSITIVE_INFINITY,
    );
  }
}

/** Whether a caller may have to hear that the call leaves protection: that needs media before the answer. */
function announces(
  directory: DeviceDirectory,
  { devices, leavingProtection, emergency }: Extract<Route, { kind: 'trunk' }>,
): boolean {
  if (emergency === true) return false;
  if (leavingProtection !== undefined) return leavingProtection === 'announce';
  return devices.some((name) => directory.device(name)?.leavingProtection === 'announce');
}
