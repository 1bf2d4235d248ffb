/** Skinny phones and other ends around call control, for the tests of this door. */

import { Redacted } from '@trustline/base';
import {
  CallControl,
  type CallControlInput,
  type CallControlOutput,
  type CallControlSettings,
  createNumbering,
  type Forwarding,
  type KeyReading,
  type LegProtection,
  type MediaDescription,
  type MediaKey,
  type NumberingOptions,
  type RelayPort,
} from '@trustline/callcontrol';
import type { CallRecord } from '@trustline/evidence';
import { keyFingerprint, type SdesSuiteName, sdesSuites } from '@trustline/keying';
import {
  BusyLampStatus,
  CallSecurityStatus,
  CallState,
  DeviceStimulus,
  DeviceTone,
  decodeBody,
  encodeMessage,
  type KnownMessage,
  LampMode,
  type MediaEncryptionKeyInfo,
  RingMode,
  type ServerEvent,
  SoftKeyEvent,
} from '@trustline/sccp';
import { formatsOf } from './audio-formats.ts';
import type { PhoneLanguage } from './phone-texts.ts';
import { SccpLegs } from './sccp-legs.ts';
import { softKeyMask, softKeySets } from './soft-keys.ts';

export const suites: readonly SdesSuiteName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];
export const byTls: LegProtection = { protocol: 'sccp', signalling: 'tls-mutual', proof: 'certificate' };
export const inClear: LegProtection = { protocol: 'sccp', signalling: 'none', proof: 'none' };
const bySipTls: LegProtection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' };

/** A name of the one key in a Skinny message. */
function nameOf(info: MediaEncryptionKeyInfo | undefined): string | undefined {
  if (info === undefined || info.algorithmID === 0) return undefined;
  return keyFingerprint(new Redacted(Uint8Array.of(...info.key.reveal(), ...info.salt.reveal())));
}

interface Channel {
  readonly channel: number;
  readonly key: string | undefined;
}

/** What one phone shows, plays, hears and sends: made of the messages that it gets, as they are on the wire. */
export class SkinnyPhone {
  readonly name: string;
  readonly version: number;
  readonly #world: SkinnyWorld;
  readonly address: string;
  #port = 20_000;
  /** Reference → what the phone has of a call. */
  readonly calls = new Map<number, { state: string; lock: string; prompt: string; line: number; parties: string[] }>();
  readonly lamps = new Map<number, string>();
  readonly received: KnownMessage[] = [];
  tone: string | undefined;
  ringer = 'RingOff';
  notice = '';
  softKeys: readonly string[] = [];
  receiving: (Channel & { readonly port: number }) | undefined;
  sending: (Channel & { readonly address: string; readonly port: number }) | undefined;

  constructor(world: SkinnyWorld, name: string, version: number) {
    this.#world = world;
    this.name = name;
    this.version = version;
    this.address = `192.0.2.${world.phones.size + 1}`;
  }

  /** A message of the manager, through its octets. */
  take(message: KnownMessage): void {
    const octets = encodeMessage(message, { version: this.version, latin1: this.version < 17 });
    const view = new DataView(octets.buffer, octets.byteOffset);
    const read = decodeBody(view.getUint32(8, true), octets, this.version, 12);
    if (read.kind === 'Malformed' || read.kind === 'Unknown') throw new Error(`the phone cannot read ${message.kind}`);
    this.received.push(read);
    this.#show(read);
  }

  #call(reference: number, line: number) {
    const call = this.calls.get(reference) ?? { state: '', lock: '', prompt: '', line, parties: [] };
    this.calls.set(reference, call);
    return call;
  }

  #show(message: KnownMessage): void {
    switch (message.kind) {
      case 'CallState': {
        const state = keyNamed(CallState, message.callState);
        if (state === 'OnHook') this.calls.delete(message.callReference);
        else this.#call(message.callReference, message.lineInstance).state = state;
        return;
      }
      case 'CallInfo':
      case 'CallInfoV2': {
        const call = this.#call(message.callReference, message.lineInstance);
        call.lock = keyNamed(CallSecurityStatus, message.callSecurityStatus);
        call.parties = [message.callingParty ?? '', message.calledParty ?? ''];
        return;
      }
      case 'DisplayPromptStatus':
      case 'DisplayPromptStatusV2':
        if (message.callReference === 0) return;
        this.#call(message.callReference, message.lineInstance).prompt = message.promptStatus;
        return;
      case 'DisplayNotify':
      case 'DisplayNotifyV2':
        this.notice = message.notify;
        return;
      case 'StartTone':
        this.tone = keyNamed(DeviceTone, message.tone);
        return;
      case 'StopTone':
        this.tone = undefined;
        return;
      case 'SetRinger':
        this.ringer = keyNamed(RingMode, message.ringMode);
        return;
      case 'SetLamp':
        if (message.stimulus === DeviceStimulus.Line)
          this.lamps.set(message.stimulusInstance, keyNamed(LampMode, message.lampMode));
        return;
      case 'SelectSoftKeys': {
        const set = Object.keys(softKeySets)[message.softKeySetIndex] as keyof typeof softKeySets;
        const mask = message.validKeyMask;
        this.softKeys = softKeySets[set].filter((_, at) => mask & (1 << at));
        if (softKeyMask(set, []) < mask) throw new Error('the mask has keys that the set has not');
        return;
      }
      case 'OpenReceiveChannel': {
        const { passThroughPartyId: channel, mRxMediaEncryptionKeyInfo } = message;
        this.#port += 2;
        const port = this.#port;
        this.receiving = { channel, key: nameOf(mRxMediaEncryptionKeyInfo), port };
        this.say({
          kind: 'receive-channel-opened',
          status: 0,
          address: this.address,
          port,
          passThroughPartyId: channel,
          callReference: message.callReference,
        });
        return;
      }
      case 'CloseReceiveChannel':
        if (this.receiving?.channel === message.passThroughPartyId) this.receiving = undefined;
        return;
      case 'StartMediaTransmission':
        this.sending = {
          channel: message.passThroughPartyId,
          key: nameOf(message.mTxMediaEncryptionKeyInfo),
          address: message.remoteIpAddr,
          port: message.remotePortNumber,
        };
        return;
      case 'StopMediaTransmission':
        if (this.sending?.channel === message.passThroughPartyId) this.sending = undefined;
        return;
      default:
    }
  }

  /** Says something, after what is under way. */
  say(event: ServerEvent): void {
    this.#world.later.push(() => this.#world.legs.received(this.#world.now, this.name, event));
  }

  press(name: keyof typeof SoftKeyEvent, reference = this.talking): void {
    this.say({ kind: 'soft-key', softKey: SoftKeyEvent[name], line: 1, callReference: reference });
    this.#world.settle();
  }

  /** The reference of the call that has the ear, or 0. */
  get talking(): number {
    for (const [reference, { state }] of this.calls) if (state !== 'Hold' && state !== 'RingIn') return reference;
    return 0;
  }

  offHook(): void {
    this.say({ kind: 'off-hook', line: 0, callReference: 0 });
    this.#world.settle();
  }

  onHook(): void {
    this.say({ kind: 'on-hook', line: 0, callReference: 0 });
    this.#world.settle();
  }

  dial(digits: string): void {
    for (const digit of digits) this.say({ kind: 'digit', digit, line: 0, callReference: 0 });
    this.#world.settle();
  }

  /** State, lock and prompt of the calls that are there. */
  get shown(): string[] {
    return [...this.calls.values()].map(({ state, lock, prompt }) => `${state} ${lock}: ${prompt}`);
  }
}

function keyNamed(values: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(values).find((name) => values[name] === value) ?? String(value);
}

/** Another door of the same call control. */
export interface OtherDoor {
  control(now: number, output: Extract<CallControlOutput, { leg: string }>): boolean;
  poll(): CallControlInput | undefined;
  handleTime(now: number): void;
  /** Carries what it has to say to its far ends; false when there is nothing. */
  carry(now: number): boolean;
}

/** Call control with this door, and with ends of other doors that the test plays itself. */
export class SkinnyWorld {
  readonly doors: OtherDoor[] = [];
  /** Gateways, and how they are reached. */
  readonly gateways = new Map<string, LegProtection>();
  /** Whose keys protect their media. */
  readonly keyReadings = new Map<string, KeyReading>();
  /** Sides of the relay, as they were set last. */
  readonly relaySides = new Map<number, Extract<CallControlOutput, { kind: 'relay-side' }>>();
  /** Numbers that are of no line here, as those behind a trunk. */
  readonly outside = new Set<string>();
  /** What a phone is shown of a trunk at the other end; nobody is one by default. */
  farSide: string | undefined;
  readonly later: (() => void)[] = [];
  readonly phones = new Map<string, SkinnyPhone>();
  readonly control: CallControl;
  readonly legs: SccpLegs;
  /** What was told to ends of other doors. */
  readonly told: Extract<CallControlOutput, { leg: string }>[] = [];
  readonly events: string[] = [];
  readonly records: CallRecord[] = [];
  readonly forwarding = new Map<string, Forwarding>();
  readonly #lines: readonly string[];
  now = 0;
  #seed = 7;
  #legs = 0;

  /** @param lines line → its devices: those that begin with `SIP` are of another door */
  constructor(
    lines: Readonly<Record<string, readonly string[]>>,
    protections: Readonly<Record<string, LegProtection>> = {},
    numbering: NumberingOptions = { entries: [] },
    settings: Partial<CallControlSettings> = {},
    relay?: RelayPort,
  ) {
    this.#lines = Object.keys(lines);
    const protectionOf = (name: string) => protections[name] ?? (name.startsWith('SIP') ? bySipTls : byTls);
    const numbers = createNumbering(numbering, (number) => number in lines);
    const random = (length: number) => Uint8Array.from({ length }, () => this.#random());
    this.control = new CallControl(
      {
        directory: {
          device: (name) => ({
            name,
            kind: this.gateways.has(name) ? 'gateway' : 'phone',
            keyReading: this.keyReadings.get(name) ?? 'sender',
            securityMode: protectionOf(name) === inClear ? 'non-secure' : 'encrypted',
            lines: Object.keys(lines).filter((line) => lines[line]?.includes(name)),
          }),
          line: (number) => {
            const of = lines[number];
            const forwarding = this.forwarding.get(number);
            return of && { number, devices: of, ...(forwarding && { forwarding }) };
          },
          route: numbers.route,
          huntGroup: numbers.huntGroup,
          pickUpLines: numbers.pickUpLines,
          registration: (name) =>
            this.gateways.get(name) ??
            (name.startsWith('SIP') || this.legs.isRegistered(name) ? protectionOf(name) : undefined),
        },
        random,
        wallTime: () => '2026-01-01T00:00:00.000Z',
        ...(relay === undefined ? {} : { relay }),
      },
      { suites, ...settings },
    );
    this.legs = new SccpLegs({
      random,
      newLeg: () => `skinny${this.#legs++}`,
      isInside: (number) => number in lines && !this.outside.has(number),
      shownFarSide: () => this.farSide,
      dialledSoFar: (_, digits) => numbers.dialledSoFar(digits, Object.keys(lines), 0),
      offersFirst: (now, number, caller) => {
        const kind = numbers.route(number, caller, now)?.kind;
        return kind === 'pick-up' || kind === 'park' || kind === 'conference';
      },
      numbers: { pickUp: '*8', park: () => '700', conference: () => '5000', callBack: '*37', voiceMail: undefined },
      forwarding: (line) => this.forwarding.get(line),
      setForwarding: (line, forwarding) => {
        this.forwarding.set(line, forwarding);
        this.legs.lineChanged(line);
      },
      messagesWaiting: () => 0,
      patience: { talking: 1_800_000, held: 40_000 },
      busyLamp: () => BusyLampStatus.Unknown,
    });
  }

  #random(): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
    return this.#seed >>> 24;
  }

  phone(
    name: string,
    lines: readonly string[],
    { version = 17, protection = byTls, language = 'en' as PhoneLanguage } = {},
  ): SkinnyPhone {
    const phone = new SkinnyPhone(this, name, version);
    this.phones.set(name, phone);
    this.legs.registered({
      device: name,
      lines: lines.map((number) => ({ number, displayName: `Line ${number}` })),
      speedDials: [...this.#lines].map((number) => ({ number, label: number, busyLamp: false })),
      protection,
      dialect: { version, latin1: version < 17, dynamicMessages: version >= 17 },
      media: {
        formats: formatsOf([4, 2, 6, 12]),
        takesIpv6: version >= 17,
        telephoneEvents: true,
        suites: protection === byTls ? suites : [],
      },
      language,
      host: phone.address,
      hasStreams: false,
      localAddress: '192.0.2.100',
      send: (message) => phone.take(message),
    });
    return phone;
  }

  /** Another door's end says something. */
  say(input: CallControlInput): void {
    this.control.handle(this.now, input);
    this.settle();
  }

  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.control.tick(this.now);
    this.legs.handleTime(this.now);
    for (const door of this.doors) door.handleTime(this.now);
    this.settle();
  }

  /** Lets everything happen until nothing does. */
  settle(): void {
    for (let steps = 0; ; steps += 1) {
      if (steps > 2_000) throw new Error(`no end: ${this.told.slice(-8).map(({ kind }) => kind)}`);
      const output = this.control.poll();
      if (output !== undefined) {
        if (output.kind === 'event') this.events.push(output.event.kind);
        if (output.kind === 'record') this.records.push(output.record);
        if (output.kind === 'relay-side') this.relaySides.set(output.side, output);
        if (output.kind === 'relay-close') this.relaySides.delete(output.side);
        if (!('leg' in output) || this.legs.control(this.now, output)) continue;
        if (!this.doors.some((door) => door.control(this.now, output))) this.told.push(output);
        continue;
      }
      const input = this.legs.poll() ?? this.#fromOtherDoors();
      if (input !== undefined) {
        this.control.handle(this.now, input);
        continue;
      }
      const next = this.later.shift();
      if (next !== undefined) next();
      else if (!this.doors.some((door) => door.carry(this.now))) return;
    }
  }

  #fromOtherDoors(): CallControlInput | undefined {
    for (const door of this.doors) {
      const input = door.poll();
      if (input !== undefined) return input;
    }
    return undefined;
  }

  /** The last output of this kind to an end of another door. */
  last<Kind extends CallControlOutput['kind']>(kind: Kind): Extract<CallControlOutput, { kind: Kind }> {
    const found = this.told.findLast((output) => output.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} among: ${this.told.map((output) => output.kind)}`);
    return found as Extract<CallControlOutput, { kind: Kind }>;
  }
}

/** What another door's end says of its media. */
export function sipMedia(
  keys: readonly MediaKey[],
  changes: Partial<MediaDescription['streams'][number]> = {},
): MediaDescription {
  return {
    attributes: [],
    streams: [
      {
        type: 'audio',
        address: '198.51.100.7',
        port: 7000,
        transport: keys.length > 0 ? 'RTP/SAVP' : 'RTP/AVP',
        direction: 'sendrecv',
        formats: [{ payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 }],
        keys,
        attributes: [],
        ...changes,
      },
    ],
  };
}

let seed = 1;
/** A key that nobody has had. */
export function sipKey(suiteName: SdesSuiteName = 'AES_CM_128_HMAC_SHA1_80', tag = 1): MediaKey {
  const suite = sdesSuites[suiteName];
  const octets = new Uint8Array(suite.keyLength + suite.saltLength);
  new DataView(octets.buffer).setUint32(0, seed++);
  const keys = [{ material: new Redacted(octets), lifetime: undefined, mki: undefined }] as const;
  return { kind: 'crypto', tag, suiteName, suite, keys, sessionParameters: [] };
}
