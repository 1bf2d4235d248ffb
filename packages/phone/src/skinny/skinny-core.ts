import { assertNever, Deadlines } from '@trustline/base';
import {
  CallState,
  DeviceResetType,
  DeviceType,
  MediaPayloadType,
  MediaStatus,
  type PhoneConfiguration,
  type PhoneEvent,
  PhoneSession,
  type PhoneSessionEnd,
  type PhoneCall as ShownCall,
  SoftKeyEvent,
  type StreamRequest,
} from '@trustline/sccp';
import type { SrtpProfileName } from '@trustline/srtp';
import type { MediaEndpoint } from '../call/call-media.ts';
import type { CallEvent } from '../call/phone-call.ts';
import type { MediaSecurity } from '../call/security.ts';
import { PhoneError } from '../error.ts';
import type { SkinnyOutput } from './outputs.ts';
import { keysOf, type PhoneKey } from './phone-keys.ts';
import { SkinnyCall } from './skinny-call.ts';
import { type StreamPolicy, skinnySuites } from './stream-keys.ts';

export interface SkinnyCoreOptions {
  /** `SEP` and the MAC address in twelve digits. */
  readonly device: string;
  /** The number of the line that calls; the first one without. */
  readonly line: string | undefined;
  /** Default `require`. */
  readonly security?: MediaSecurity;
  readonly suites?: readonly SrtpProfileName[];
  /** A `DeviceType`; that of a 7965 unless told. */
  readonly deviceType?: number;
  /** The newest protocol version that it says that it knows; 20, as a 7965 does, unless told. */
  readonly protocolVersion?: number;
  /** How numbers are dialled: as a whole, or off hook and digit by digit. Default `number`. */
  readonly dials?: 'number' | 'digits';
  readonly random: (length: number) => Uint8Array;
}

/** The connection to the manager, as it was opened. */
export interface SkinnyConnected {
  /** Our own address on it. */
  readonly address: string;
  /** Whether it is TLS, and the manager has proved itself. */
  readonly isProtected: boolean;
}

/** A call that the manager was asked for and has not begun yet. */
interface Asked {
  readonly call: SkinnyCall;
  readonly number: string;
  /** Dialled as soon as the manager gives a dial tone; it was dialled with the question otherwise. */
  readonly dialsOnTone: boolean;
}

/** Whoever was lost is asked again after so long, in milliseconds, doubled each time; a fifth of it is chance. */
const RECONNECT = { first: 1_000, longest: 60_000 } as const;
/** How long the manager may take to begin a call, and to transfer one, in milliseconds. */
const BEGIN_PATIENCE = 10_000;
const TRANSFER_PATIENCE = 10_000;
/** How long after its media the manager may say how secure a call is, in milliseconds; then what it has said counts. */
const LEVEL_PATIENCE = 1_000;
/** What can be typed, as long as a number may be in `EnblocCall`. */
const dialable = /^[0-9A-D*#+]{1,24}$/;
const VERSION_OF_7965 = 20;
const MOST_FRAMES = 40;

/**
 * A phone that speaks Skinny, without I/O: it stays registered with its manager, and has calls that are commanded and told as
 * those of a phone by SIP. Octets, time and commands go in; octets, events and agreements on media come out.
 */
export class SkinnyCore {
  readonly #options: SkinnyCoreOptions;
  readonly #outputs: SkinnyOutput[] = [];
  readonly #deadlines = new Deadlines<string>();
  readonly #calls = new Map<string, SkinnyCall>();
  /** Calls that serve a transfer, and that nobody is told of. */
  readonly #hidden = new Set<SkinnyCall>();
  /** Calls whose level the manager may still say. */
  readonly #awaitLevel = new Set<string>();
  #asked: Asked[] = [];
  /** References of calls that were told: one that has ended here is not told again while the manager still speaks of it. */
  readonly #told = new Set<number>();
  #session: PhoneSession | undefined;
  #connection: SkinnyConnected | undefined;
  #line = 1;
  #keys: readonly PhoneKey[] = [];
  #isRegistered = false;
  #isStopping = false;
  #failures = 0;
  #lastCall = 0;

  /** @throws {PhoneError} phone.suite-not-carried where Skinny can carry none of the suites */
  constructor(options: SkinnyCoreOptions) {
    const { suites } = options;
    if (suites !== undefined && !suites.some((suite) => skinnySuites.includes(suite))) {
      throw new PhoneError('phone.suite-not-carried', `Skinny cannot carry the keys of ${suites.join(', ')}`, {
        nextStep: `It can carry those of ${skinnySuites.join(', ')}; other suites are for phones that speak SIP.`,
      });
    }
    this.#options = options;
  }

  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  /** Connects and registers, and stays so. */
  start(_now: number): void {
    this.#outputs.push({ kind: 'connect' });
  }

  /** Takes the registration back. `unregistered` follows. */
  stop(now: number): void {
    this.#isStopping = true;
    this.#deadlines.clearAll();
    if (this.#served !== undefined) this.#served.unregister();
    else if (this.#session === undefined) this.#outputs.push({ kind: 'unregistered' });
    else this.#session.close();
    this.#drain(now);
  }

  connected(now: number, connection: SkinnyConnected): void {
    const { device, deviceType = DeviceType.Cisco7965, protocolVersion = VERSION_OF_7965 } = this.#options;
    this.#connection = connection;
    const isIpv6 = connection.address.includes(':');
    this.#session = new PhoneSession({
      deviceName: device,
      deviceType,
      protocolVersion,
      address: isIpv6 ? '0.0.0.0' : connection.address,
      ...(isIpv6 ? { addressIpv6: connection.address } : {}),
      codecs: [MediaPayloadType.G711Alaw64k, MediaPayloadType.G711Ulaw64k, MediaPayloadType.RFC2833_DynPayload].map(
        (payloadType) => ({ payloadType, maxFramesPerPacket: MOST_FRAMES }),
      ),
    });
    this.#session.register(now);
    this.#drain(now);
  }

  connectionFailed(now: number): void {
    this.#connectLater(now);
  }

  connectionLost(now: number): void {
    this.#session?.handleConnectionLost();
    this.#drain(now);
  }

  receive(now: number, bytes: Uint8Array): void {
    this.#session?.handleBytes(now, bytes);
    this.#drain(now);
  }

  /**
   * Calls a number. Events follow under the returned id.
   *
   * @param consultingFor a call whose far end may be joined with the new one; it is held
   * @throws {PhoneError} phone.not-connected
   */
  place(now: number, number: string, endpoint: MediaEndpoint, consultingFor?: string): string {
    if (this.#served === undefined) {
      throw new PhoneError('phone.not-connected', 'The phone is not registered with its call manager', {
        nextStep: 'Wait until it is registered; it connects again by itself.',
      });
    }
    const partner = consultingFor === undefined ? undefined : this.#calls.get(consultingFor);
    const call = this.#newCall('outgoing', { number, displayName: undefined }, this.#line, partner);
    call.useEndpoint(endpoint);
    this.#ask(now, call, number);
    this.#drain(now);
    return call.id;
  }

  /** Takes a call that came in. */
  answer(now: number, id: string, endpoint: MediaEndpoint): boolean {
    return this.#command(now, id, (call) => {
      if (call.direction !== 'incoming' || call.isEstablished) return false;
      call.useEndpoint(endpoint);
      return call.answer();
    });
  }

  hold(now: number, id: string, holding: boolean): boolean {
    return this.#command(now, id, (call) => call.hold(holding));
  }

  /** Has the far end of a call talk to a number in our place. */
  transfer(now: number, id: string, number: string): boolean {
    return this.#command(now, id, (call) => {
      if (!call.beginTransfer()) return false;
      this.#deadlines.set(`transfer ${id}`, now + BEGIN_PATIENCE + TRANSFER_PATIENCE);
      this.#consult(now, call, number);
      return true;
    });
  }

  /** Has the far end of a call talk to whom `other`, begun for that, is with. */
  join(now: number, id: string, other: string): boolean {
    const consultation = this.#calls.get(other);
    return this.#command(now, id, (call) => {
      const done = consultation !== undefined && call.join(consultation);
      if (done) this.#deadlines.set(`transfer ${id}`, now + TRANSFER_PATIENCE);
      return done;
    });
  }

  /** Sends digits beside the media, for a far end that takes none in them. */
  press(now: number, id: string, digits: string): boolean {
    return this.#command(now, id, (call) => call.press(digits));
  }

  /** Hangs up, gives up or refuses. */
  hangUp(now: number, id: string): boolean {
    return this.#command(now, id, (call) => call.hangUp());
  }

  handleTime(now: number): void {
    this.#session?.handleTimeout(now);
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      const [what, id = ''] = due.split(' ');
      if (what === 'connect') this.#outputs.push({ kind: 'connect' });
      else if (what === 'begin') this.#neverBegun(id);
      else if (what === 'level') this.#calls.get(id)?.settleLevel();
      else this.#calls.get(id)?.transferFailed('the manager did not transfer the call in time');
    }
    this.#drain(now);
  }

  nextDeadline(): number | undefined {
    const [session, own] = [this.#session?.nextDeadline(), this.#deadlines.next()];
    if (session === undefined || own === undefined) return session ?? own;
    return Math.min(session, own);
  }

  poll(): SkinnyOutput | undefined {
    return this.#outputs.shift();
  }

  #command(now: number, id: string, act: (call: SkinnyCall) => boolean): boolean {
    const call = this.#calls.get(id);
    const done = call === undefined || this.#served === undefined ? false : act(call);
    this.#drain(now);
    return done;
  }

  #drain(now: number): void {
    const session = this.#session;
    for (let output = session?.poll(); output !== undefined; output = session?.poll()) {
      if (output.kind === 'event') this.#happened(now, output.event);
      else this.#outputs.push(output);
    }
    for (const id of this.#awaitLevel) {
      if (!this.#deadlines.has(`level ${id}`)) this.#deadlines.set(`level ${id}`, now + LEVEL_PATIENCE);
    }
    this.#awaitLevel.clear();
  }

  #happened(now: number, event: PhoneEvent): void {
    switch (event.kind) {
      case 'registered':
        this.#registered(event);
        return;
      case 'configured':
        this.#showKeys(event.configuration);
        return;
      case 'rejected':
        this.#registrationFailed(now, 'rejected', event.text);
        return;
      case 'call':
        this.#see(event.call);
        return;
      case 'tone':
        this.#find(event.callReference)?.hearTone(event.tone);
        return;
      case 'open-receive-channel':
        this.#openReceiveChannel(event.stream);
        return;
      case 'start-transmission':
        this.#startTransmission(event.stream, event.address, event.port);
        return;
      case 'close-receive-channel':
        this.#find(event.callReference)?.stopStream('receiving', event.passThroughPartyId);
        return;
      case 'stop-transmission':
        this.#find(event.callReference)?.stopStream('sending', event.passThroughPartyId);
        return;
      case 'reset': {
        const action = event.resetType === DeviceResetType.Reset ? 'reset' : 'restart';
        this.#outputs.push({ kind: 'service-control', action });
        return;
      }
      case 'unregister-refused': // it leaves all the same
        this.#session?.close();
        return;
      case 'ended':
        this.#sessionEnded(now, event.reason);
        return;
      case 'token-granted':
      case 'token-refused':
      case 'ringer':
      case 'lamp':
      case 'prompt': // it is in the call
        return;
      case 'notice': // about the call that is talked in, where it is about one
        for (const call of this.#calls.values()) call.notice(event.text);
        return;
      case 'speaker':
      case 'microphone':
      case 'told':
        return;
      default:
        assertNever(event);
    }
  }

  #registered({ configuration }: Extract<PhoneEvent, { kind: 'registered' }>): void {
    const { line } = this.#options;
    const instances = [...configuration.lines].filter(([, { number }]) => line === undefined || number === line);
    const [first] = instances.toSorted(([a], [b]) => a - b);
    if (first === undefined) {
      const reason = line === undefined ? 'the manager gave it no line' : `line ${line} is none of its lines`;
      this.#outputs.push({ kind: 'registration-failed', cause: 'no-such-line', reason, retryAt: undefined });
      this.#isStopping = true;
      this.#session?.close();
      return;
    }
    this.#line = first[0];
    this.#isRegistered = true;
    this.#failures = 0;
    this.#outputs.push({ kind: 'registered' });
    this.#keys = [];
    this.#showKeys(configuration);
  }

  #showKeys(configuration: PhoneConfiguration): void {
    const shown = new Map(this.#keys.map((key) => [key.key, JSON.stringify(key)]));
    this.#keys = keysOf(configuration);
    const keys = this.#keys.filter((key) => shown.get(key.key) !== JSON.stringify(key));
    if (keys.length > 0) this.#outputs.push({ kind: 'keys', keys });
  }

  #registrationFailed(now: number, cause: 'rejected' | 'closed' | 'no-answer' | 'protocol', reason: string): void {
    this.#connectLater(now);
    const retryAt = this.#deadlines.at('connect');
    this.#outputs.push({ kind: 'registration-failed', cause, reason, retryAt });
  }

  #sessionEnded(now: number, reason: PhoneSessionEnd): void {
    const [wasRegistered, isStopping] = [this.#isRegistered, this.#isStopping];
    this.#isRegistered = false;
    this.#session = undefined;
    this.#connection = undefined;
    this.#told.clear();
    this.#asked = [];
    for (const call of [...this.#calls.values(), ...this.#hidden]) call.lose('the connection to the manager was lost');
    if (reason === 'unregistered' || isStopping) {
      this.#outputs.push({ kind: 'unregistered' });
      return;
    }
    this.#outputs.push({ kind: 'disconnected' });
    if (wasRegistered) this.#connectLater(now);
    else if (reason === 'connection-lost') this.#registrationFailed(now, 'closed', 'it closed the connection');
    else if (reason === 'bad-frame') this.#registrationFailed(now, 'protocol', 'it does not speak Skinny');
    else if (reason !== 'rejected') this.#registrationFailed(now, 'no-answer', 'it did not answer');
  }

  #connectLater(now: number): void {
    if (this.#isStopping || this.#deadlines.has('connect')) return;
    const wait = Math.min(RECONNECT.first * 2 ** this.#failures, RECONNECT.longest);
    const [chance = 0] = this.#options.random(1);
    this.#failures += 1;
    this.#deadlines.set('connect', now + wait * (0.8 + (0.2 * chance) / 255));
  }

  #see(shown: ShownCall): void {
    const { callReference: reference, state } = shown;
    const known = this.#find(reference);
    if (known !== undefined) {
      known.see(shown);
      if (state === CallState.OnHook) this.#told.delete(reference);
      return;
    }
    if (state === CallState.OnHook) this.#told.delete(reference);
    else if (this.#told.has(reference)) return;
    else if (state === CallState.RingIn) this.#ring(shown);
    else if (state === CallState.OffHook || state === CallState.Proceed) this.#begun(shown);
  }

  /** Told as soon as it is known who calls. */
  #ring(shown: ShownCall): void {
    const { callReference: reference, line, type, callingParty, callingPartyName } = shown;
    if (type === 0) return;
    this.#told.add(reference);
    const displayName = callingPartyName === '' ? undefined : callingPartyName;
    const call = this.#newCall('incoming', { number: callingParty || 'anonymous', displayName }, line, undefined);
    call.reference = reference;
    const { id, number } = call;
    this.#outputs.push({ kind: 'incoming', call: id, number, displayName });
    call.see(shown);
  }

  /** The manager has begun a call: the one that it was asked for first. */
  #begun(shown: ShownCall): void {
    const asked = this.#asked.shift();
    if (asked === undefined) return; // one that the manager begins of itself
    const { call, number, dialsOnTone } = asked;
    this.#deadlines.clear(`begin ${call.id}`);
    this.#told.add(shown.callReference);
    call.reference = shown.callReference;
    call.line = shown.line;
    if (call.isEnded) {
      this.#pressSoftKey(SoftKeyEvent.EndCall, call); // given up meanwhile
      return;
    }
    if (dialsOnTone) this.#dial(call, number);
    call.see(shown);
  }

  #ask(now: number, call: SkinnyCall, number: string): void {
    const { dials = 'number' } = this.#options;
    const { consultingFor } = call;
    if (!dialable.test(number)) {
      call.cannotDial();
      return;
    }
    const dialsOnTone = consultingFor !== undefined || dials === 'digits';
    this.#asked.push({ call, number, dialsOnTone });
    this.#deadlines.set(`begin ${call.id}`, now + BEGIN_PATIENCE);
    if (consultingFor !== undefined) this.#pressSoftKey(SoftKeyEvent.Transfer, consultingFor);
    else if (dials === 'digits') this.#served?.offHook(call.line);
    else this.#served?.dial(number, call.line);
  }

  #dial(call: SkinnyCall, number: string): void {
    if (this.#options.dials === 'digits') for (const digit of number) this.#press(digit, call);
    else this.#served?.dial(number, call.line);
  }

  #neverBegun(id: string): void {
    const asked = this.#asked.find(({ call }) => call.id === id);
    this.#asked = this.#asked.filter((one) => one !== asked);
    asked?.call.lose('the manager did not begin the call');
  }

  #openReceiveChannel(stream: StreamRequest): void {
    const at = this.#find(stream.callReference)?.openReceiveChannel(stream) ?? { status: MediaStatus.InvalidCallRef };
    this.#session?.receiveChannelOpened(stream.passThroughPartyId, at);
  }

  #startTransmission(stream: StreamRequest, address: string, port: number): void {
    const call = this.#find(stream.callReference);
    const from = call?.startTransmission(stream, address, port) ?? { status: MediaStatus.InvalidCallRef };
    this.#session?.transmissionStarted(stream.passThroughPartyId, from);
  }

  #find(reference: number): SkinnyCall | undefined {
    for (const call of this.#calls.values()) if (call.reference === reference) return call;
    for (const call of this.#hidden) if (call.reference === reference) return call;
    return undefined;
  }

  #pressSoftKey(softKey: number, { line, reference }: SkinnyCall): void {
    this.#served?.pressSoftKey(softKey, line, reference);
  }

  #press(digit: string, { line, reference }: SkinnyCall): void {
    this.#served?.press(digit, line, reference);
  }

  #newCall(
    direction: SkinnyCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    line: number,
    consultingFor: SkinnyCall | undefined,
  ): SkinnyCall {
    const id = this.#nextId();
    const call = this.#makeCall(id, direction, far, line, consultingFor, (event) => {
      this.#outputs.push({ kind: 'call', call: id, event });
      if (event.kind !== 'ended') return;
      this.#calls.delete(id);
      this.#deadlines.clear(`transfer ${id}`);
      this.#deadlines.clear(`level ${id}`);
    });
    this.#calls.set(id, call);
    return call;
  }

  /** Calls somebody to whom the far end of a call goes as soon as it rings there. */
  #consult(now: number, of: SkinnyCall, number: string): void {
    const far = { number, displayName: undefined };
    const call = this.#makeCall(this.#nextId(), 'outgoing', far, of.line, of, (event) => {
      if (event.kind === 'ringing' || event.kind === 'established') of.join(call);
      if (event.kind !== 'ended') return;
      this.#hidden.delete(call);
      if (of.isBeingTransferred) return; // it has ended because the two talk, or the deadline says that they do not
      of.transferFailed(event.reason);
      of.hold(false);
    });
    // The far end is on hold: its place is free, should the manager want a channel before it transfers.
    if (of.endpoint !== undefined) call.useEndpoint(of.endpoint);
    this.#hidden.add(call);
    this.#ask(now, call, number);
  }

  #makeCall(
    id: string,
    direction: SkinnyCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    line: number,
    consultingFor: SkinnyCall | undefined,
    emit: (event: CallEvent) => void,
  ): SkinnyCall {
    const ports = {
      policy: this.#policy(),
      pressSoftKey: (softKey: number, call: SkinnyCall) => this.#pressSoftKey(softKey, call),
      press: (digit: string, call: SkinnyCall) => this.#press(digit, call),
      emit,
      awaitLevel: ({ id: of }: SkinnyCall) => void this.#awaitLevel.add(of),
    };
    return new SkinnyCall(id, direction, far, line, ports, consultingFor);
  }

  /** The session while it takes what a user does: it may be over, and have not said so yet. */
  get #served(): PhoneSession | undefined {
    return this.#isRegistered && this.#session?.state === 'registered' ? this.#session : undefined;
  }

  #policy(): StreamPolicy {
    const { security = 'require', suites } = this.#options;
    return { security, suites, signallingIsProtected: this.#connection?.isProtected === true };
  }

  #nextId(): string {
    this.#lastCall += 1;
    return `call-${this.#lastCall}`;
  }
}
