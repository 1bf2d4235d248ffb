import { Deadlines } from '@trustline/base';
import { decodeBody, encodeMessage, type SccpMessage } from '../codec.ts';
import { SccpError } from '../error.ts';
import { SccpFrameReader } from '../frame/frame-reader.ts';
import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import type { PhoneCodec } from '../server/events.ts';
import type { SessionDialect } from '../server/profile.ts';
import { KeyPadButton } from '../values/key-pad.ts';
import { DeviceAlarmSeverity, DeviceUnregisterStatus, PhoneFeature } from '../values/registration.ts';
import { NEWEST_VERSION, OLDEST_VERSION } from '../versions.ts';
import { PhoneCalls } from './calls.ts';
import { ConfigurationQuestions } from './configuration.ts';
import type { PhoneCall, PhoneConfiguration, PhoneEvent, PhoneSessionEnd, StreamRequest } from './events.ts';
import { shown } from './shown.ts';

export interface PhoneSessionOptions {
  /** `SEP` and the MAC address in twelve digits. */
  readonly deviceName: string;
  /** A `DeviceType`. */
  readonly deviceType: number;
  /** Where the phone is, IPv4. */
  readonly address: string;
  readonly addressIpv6?: string;
  readonly codecs: readonly PhoneCodec[];
  /** The newest protocol version that it says that it knows; 22 unless told. */
  readonly protocolVersion?: number;
  /** Bits as `PhoneFeature` says; all of them unless told. */
  readonly features?: number;
  readonly maxStreams?: number;
  /** Streams that go on from a connection before this one, which broke; none unless told. */
  readonly activeStreams?: number;
  readonly maxLines?: number;
  readonly firmware?: string;
  /** Whether it asks first if it may come back: as phones do, or as those of the SPA series do. */
  readonly token?: 'sccp' | 'spcp';
  /** Why it started last, which it says before it registers. */
  readonly alarm?: string;
}

export type PhoneOutput =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'event'; readonly event: PhoneEvent }
  /** Close the connection, after what was to be transmitted. */
  | { readonly kind: 'close' };

type State = 'new' | 'standby' | 'asking' | 'registering' | 'configuring' | 'registered' | 'ended';
type Timer = 'answer' | 'keep-alive' | 'silence';

/** Milliseconds within which a manager answers. */
const ANSWER = 10_000;
const MISSED_KEEP_ALIVES = 3;
/** Seconds between signs of life to the manager that the phone would turn to, until one tells others. */
const STANDBY_SECONDS = 60;
const ALL_FEATURES =
  PhoneFeature.UTF8 | PhoneFeature.DynamicMessages | PhoneFeature.RFC2833 | PhoneFeature.AbbreviatedDial;
const DYNAMIC_MESSAGES = 8;

const keys: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Array.from('0123456789ABCD', (digit, button) => [digit, button])),
  '*': KeyPadButton.Star,
  '#': KeyPadButton.Pound,
  '+': KeyPadButton.Plus,
};

/**
 * The phone's end of a session: it registers, asks what it is, and from then on says what its user does and does what
 * it is told. Octets and time go in, octets and events come out; what a user does is a method.
 */
export class PhoneSession {
  readonly #options: PhoneSessionOptions;
  readonly #reader = new SccpFrameReader();
  readonly #deadlines = new Deadlines<Timer>();
  readonly #outputs: PhoneOutput[] = [];
  readonly #calls = new PhoneCalls();
  readonly #receiving = new Map<number, StreamRequest>();
  readonly #transmitting = new Map<number, StreamRequest>();
  #questions = new ConfigurationQuestions();
  #state: State = 'new';
  #dialect: SessionDialect = { version: OLDEST_VERSION, latin1: true, dynamicMessages: false };
  #keepAlive = STANDBY_SECONDS * 1_000;
  #ignored = 0;

  constructor(options: PhoneSessionOptions) {
    this.#options = options;
  }

  get state(): State {
    return this.#state;
  }

  get dialect(): SessionDialect {
    return this.#dialect;
  }

  get configuration(): PhoneConfiguration {
    return this.#questions.learned;
  }

  get calls(): ReadonlyMap<number, PhoneCall> {
    return this.#calls.all;
  }

  /** Messages that were of no use: unknown, malformed or out of place. */
  get ignored(): number {
    return this.#ignored;
  }

  /** Begins, on a new connection: asks for a token where it is to, else registers. */
  register(now: number): void {
    this.#mustBe('new', 'standby');
    const { alarm, token } = this.#options;
    if (alarm !== undefined) {
      const alarmSeverity = DeviceAlarmSeverity.Informational;
      this.#transmit({ kind: 'Alarm', alarmSeverity, text: alarm, parm1: 0, parm2: 0 });
    }
    this.#deadlines.clearAll();
    if (token === undefined) this.#askToRegister(now);
    else this.#askForToken(now, token);
  }

  /** Keeps the connection for the day on which it must turn to this manager: says every so often that it is there. */
  standBy(now: number): void {
    this.#mustBe('new');
    this.#state = 'standby';
    this.#sendKeepAlive(now);
    this.#heard(now);
  }

  /** Asks for a token again. */
  askAgain(now: number): void {
    this.#mustBe('asking');
    this.#askForToken(now, this.#options.token ?? 'sccp');
  }

  handleBytes(now: number, chunk: Uint8Array): void {
    if (this.#state === 'ended') return;
    this.#reader.push(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      const message = decodeBody(frame.messageId, frame.bytes, this.#dialect.version, frame.start, frame.end);
      const useful = message.kind !== 'Unknown' && message.kind !== 'Malformed' && this.#handle(now, message);
      if (!useful) this.#ignored += 1;
      if (this.state === 'ended') return;
    }
    if (this.#reader.failure !== undefined) this.#end('bad-frame');
  }

  handleTimeout(now: number): void {
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      if (timer === 'keep-alive') this.#sendKeepAlive(now);
      else this.#end(timer === 'answer' ? 'no-answer' : 'keep-alive-timeout');
    }
  }

  /** The connection is gone. */
  handleConnectionLost(): void {
    this.#end('connection-lost');
  }

  offHook(line = 0, callReference = 0): void {
    this.send({ kind: 'OffHook', lineInstance: line, callReference });
  }

  onHook(line = 0, callReference = 0): void {
    this.send({ kind: 'OnHook', lineInstance: line, callReference });
  }

  /** Presses a key of the key pad: 0 to 9, A to D, * # +. */
  press(digit: string, line = 0, callReference = 0): void {
    const kpButton = keys[digit];
    if (kpButton === undefined) throw new SccpError('sccp.value', 'a key pad has no such key', { detail: digit });
    this.send({ kind: 'KeypadButton', kpButton, lineInstance: line, callReference });
  }

  /** Dials a number at once, without taking up the receiver before. */
  dial(number: string, line = 1): void {
    this.send({ kind: 'EnblocCall', calledParty: number, lineInstance: line });
  }

  /** Presses a soft key: a `SoftKeyEvent`. */
  pressSoftKey(softKeyEvent: number, line = 0, callReference = 0): void {
    this.send({ kind: 'SoftKeyEvent', softKeyEvent, lineInstance: line, callReference });
  }

  /** Presses a key beside the display: a `DeviceStimulus`, and which of its kind. */
  pressButton(stimulus: number, instance = 1, callReference = 0): void {
    this.send({ kind: 'Stimulus', stimulus, lineInstance: instance, callReference, stimulusStatus: 0 });
  }

  /**
   * Says where a stream is received that was to be, or with a `MediaStatus` why it is not. False where the manager has
   * closed it meanwhile.
   */
  receiveChannelOpened(
    passThroughPartyId: number,
    at: { address: string; port: number } | { status: number },
  ): boolean {
    const stream = this.#receiving.get(passThroughPartyId);
    if (stream === undefined) return false;
    const { status, address, port } = { status: 0, address: '0.0.0.0', port: 0, ...at };
    this.send({
      kind: 'OpenReceiveChannelAck',
      mediaReceptionStatus: status,
      ipAddr: address,
      portNumber: port,
      passThroughPartyId,
      callReference: stream.callReference,
    });
    return true;
  }

  /**
   * Says where a stream is sent from that was to be, or with a `MediaStatus` why it is not. False where the manager has
   * stopped it meanwhile.
   */
  transmissionStarted(
    passThroughPartyId: number,
    from: { address: string; port: number } | { status: number },
  ): boolean {
    const stream = this.#transmitting.get(passThroughPartyId);
    if (stream === undefined) return false;
    const { status, address, port } = { status: 0, address: '0.0.0.0', port: 0, ...from };
    this.send({
      kind: 'StartMediaTransmissionAck',
      conferenceId: stream.conferenceId,
      passThroughPartyId,
      callReference: stream.callReference,
      transmitIpAddr: address,
      portNumber: port,
      mediaTransmissionStatus: status,
    });
    return true;
  }

  /** Asks to leave; the manager may refuse as long as there is a call. */
  unregister(): void {
    this.send({ kind: 'UnregisterReq', unRegReasonCode: 0 });
  }

  /** Sends any message of a phone that is registered. */
  send(message: KnownMessage): void {
    this.#mustBe('registered');
    this.#transmit(message);
  }

  close(): void {
    this.#end('closed');
  }

  poll(): PhoneOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  #askForToken(now: number, token: 'sccp' | 'spcp'): void {
    const { deviceType, address, maxStreams = 5 } = this.#options;
    const asking = { sid: { DeviceName: this.#options.deviceName }, stationIpAddr: address, deviceType };
    this.#state = 'asking';
    this.#deadlines.set('answer', now + ANSWER);
    this.#transmit(
      token === 'spcp'
        ? { kind: 'SPCPRegisterTokenReq', ...asking, maxStreams }
        : { kind: 'RegisterTokenReq', ...asking, stationIpV6Addr: this.#options.addressIpv6 ?? '::' },
    );
  }

  #askToRegister(now: number): void {
    const { deviceName, deviceType, address, addressIpv6 = '::', maxStreams = 5, maxLines = 8 } = this.#options;
    const {
      activeStreams = 0,
      protocolVersion = NEWEST_VERSION,
      features = ALL_FEATURES,
      firmware = '',
    } = this.#options;
    this.#state = 'registering';
    this.#deadlines.set('answer', now + ANSWER);
    this.#transmit({
      kind: 'RegisterReq',
      sid: { DeviceName: deviceName, instance: 1 },
      stationIpAddr: address,
      deviceType,
      maxStreams,
      activeStreams,
      protocolVer: protocolVersion,
      unknown: 0,
      PhoneFeatures: features,
      maxConferences: 0,
      activeConferences: 0,
      macAddress: macAddressIn(deviceName),
      ipV4AddressScope: 3,
      maxNumberOfLines: maxLines,
      stationIpV6Addr: addressIpv6,
      ipV6AddressScope: 0,
      firmwareLoadName: firmware,
    });
  }

  /** Whether the message was of use. */
  #handle(now: number, message: KnownMessage): boolean {
    this.#heard(now);
    switch (message.kind) {
      case 'KeepAliveAck':
        return true;
      case 'RegisterTokenAck':
      case 'SPCPRegisterTokenAck':
        if (this.#state !== 'asking') return false;
        this.#say({ kind: 'token-granted' });
        this.#askToRegister(now);
        return true;
      case 'RegisterTokenReject':
      case 'SPCPRegisterTokenReject':
        if (this.#state !== 'asking') return false;
        this.#deadlines.clear('answer');
        this.#say({ kind: 'token-refused', seconds: message.waitTimeBeforeNextReq });
        return true;
      case 'RegisterReject':
        if (this.#state !== 'registering') return false;
        this.#say({ kind: 'rejected', text: message.text });
        this.#end('rejected');
        return true;
      case 'RegisterAck':
        return this.#handleRegisterAck(now, message);
      default:
        if (this.#state !== 'configuring' && this.#state !== 'registered') return false;
        return this.#handleConfiguration(now, message) || this.#handleServed(message);
    }
  }

  #handleRegisterAck(now: number, message: MessageOfKind<'RegisterAck'>): boolean {
    if (this.#state !== 'registering') return false;
    const { protocolVersion = NEWEST_VERSION, features = ALL_FEATURES, token } = this.#options;
    const version = Math.max(OLDEST_VERSION, Math.min(protocolVersion, message.maxProtocolVer));
    this.#dialect = {
      version,
      latin1: (features & PhoneFeature.UTF8) === 0,
      dynamicMessages:
        token === 'spcp' || (version >= DYNAMIC_MESSAGES && (features & PhoneFeature.DynamicMessages) !== 0),
    };
    this.#keepAlive = Math.max(1, message.keepAliveInterval) * 1_000;
    this.#state = 'configuring';
    this.#deadlines.set('keep-alive', now + this.#keepAlive);
    this.#heard(now);
    this.#askNext(now);
    return true;
  }

  /** The questions of a registration, and the answers to them. */
  #handleConfiguration(now: number, message: KnownMessage): boolean {
    if (message.kind === 'CapabilitiesReq') {
      const caps = this.#options.codecs.map(({ payloadType, maxFramesPerPacket }) => {
        return { payloadCapability: payloadType, maxFramesPerPacket };
      });
      this.#transmit({ kind: 'CapabilitiesRes', caps });
      return true;
    }
    if (message.kind === 'TimeDateRes' && this.#state === 'configuring') {
      this.#state = 'registered';
      this.#deadlines.clear('answer');
      this.#say({ kind: 'registered', dialect: this.#dialect, configuration: this.configuration });
      return true;
    }
    const learned = this.#questions.learn(message);
    if (learned === 'no-answer') return false;
    if (learned === 'answered' && this.#state === 'configuring') this.#askNext(now);
    else if (this.#state === 'registered') this.#say({ kind: 'configured', configuration: this.configuration });
    return true;
  }

  #askNext(now: number): void {
    this.#deadlines.set('answer', now + ANSWER);
    const question = this.#questions.next();
    if (question !== undefined) {
      this.#transmit(question);
      return;
    }
    this.#transmit({ kind: 'RegisterAvailableLines', maxNumOfAvailLines: this.#options.maxLines ?? 8 });
    this.#transmit({ kind: 'TimeDateReq' });
  }

  #handleServed(message: KnownMessage): boolean {
    const call = this.#calls.change(message, this.configuration);
    if (call !== undefined) this.#say({ kind: 'call', call });
    switch (message.kind) {
      case 'OpenReceiveChannel':
        return this.#handleOpenReceiveChannel(message);
      case 'StartMediaTransmission':
        return this.#handleStartTransmission(message);
      case 'CloseReceiveChannel': {
        const stream = this.#receiving.get(message.passThroughPartyId);
        if (stream === undefined) return false;
        this.#receiving.delete(message.passThroughPartyId);
        this.#say({ kind: 'close-receive-channel', ...placeOf(stream) });
        return true;
      }
      case 'StopMediaTransmission': {
        const stream = this.#transmitting.get(message.passThroughPartyId);
        if (stream === undefined) return false;
        this.#transmitting.delete(message.passThroughPartyId);
        this.#say({ kind: 'stop-transmission', ...placeOf(stream) });
        return true;
      }
      case 'UnregisterAck':
        if (message.status === DeviceUnregisterStatus.Ok) this.#end('unregistered');
        else this.#say({ kind: 'unregister-refused' });
        return true;
      default: {
        const event = shown(message);
        if (event !== undefined) this.#say(event);
        return event !== undefined || call !== undefined;
      }
    }
  }

  #handleOpenReceiveChannel(message: MessageOfKind<'OpenReceiveChannel'>): boolean {
    const stream = streamOf(message, message.mRxMediaEncryptionKeyInfo);
    this.#receiving.set(stream.passThroughPartyId, stream);
    this.#say({ kind: 'open-receive-channel', stream });
    return true;
  }

  #handleStartTransmission(message: MessageOfKind<'StartMediaTransmission'>): boolean {
    const stream = streamOf(message, message.mTxMediaEncryptionKeyInfo);
    this.#transmitting.set(stream.passThroughPartyId, stream);
    const { remoteIpAddr: address, remotePortNumber: port } = message;
    this.#say({ kind: 'start-transmission', stream, address, port });
    return true;
  }

  #sendKeepAlive(now: number): void {
    this.#transmit({ kind: 'KeepAliveReq' });
    this.#deadlines.set('keep-alive', now + this.#keepAlive);
  }

  /** A manager that answers no sign of life is gone. */
  #heard(now: number): void {
    if (this.#state === 'standby' || this.#state === 'configuring' || this.#state === 'registered') {
      this.#deadlines.set('silence', now + MISSED_KEEP_ALIVES * this.#keepAlive);
    }
  }

  #mustBe(...states: readonly State[]): void {
    if (states.includes(this.#state)) return;
    throw new SccpError('sccp.state', `the session is ${this.#state} where it must be ${states.join(' or ')}`);
  }

  #transmit(message: SccpMessage): void {
    this.#outputs.push({ kind: 'transmit', bytes: encodeMessage(message, this.#dialect) });
  }

  #say(event: PhoneEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #end(reason: PhoneSessionEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#deadlines.clearAll();
    this.#calls.clear();
    this.#receiving.clear();
    this.#transmitting.clear();
    this.#say({ kind: 'ended', reason });
    this.#outputs.push({ kind: 'close' });
  }
}

type StreamMessage = MessageOfKind<'OpenReceiveChannel'> | MessageOfKind<'StartMediaTransmission'>;

function streamOf(message: StreamMessage, keyInfo: StreamRequest['keyInfo']): StreamRequest {
  return {
    conferenceId: message.conferenceId,
    passThroughPartyId: message.passThroughPartyId,
    callReference: message.callReference,
    payloadType: message.compressionType,
    millisecondsPerPacket: message.milliSecondPacketSize,
    telephoneEventPayloadType: message.RFC2833PayloadType ?? 0,
    keyInfo,
  };
}

function placeOf({ passThroughPartyId, callReference }: StreamRequest) {
  return { passThroughPartyId, callReference };
}

/** The six octets that a device name ends with, in twelve octets; zeros where it ends with none. */
function macAddressIn(deviceName: string): Uint8Array {
  const octets = new Uint8Array(12);
  const digits = /([0-9A-F]{12})$/i.exec(deviceName)?.[1] ?? '';
  for (let i = 0; i < digits.length / 2; i++) octets[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return octets;
}
