import { Deadlines } from '@trustline/base';
import { decodeBody, encodeMessage, type ReceivedMessage, type SccpMessage } from '../codec.ts';
import { SccpError } from '../error.ts';
import { SccpFrameReader } from '../frame/frame-reader.ts';
import { type MediaEncryptionKeyInfo, noMediaEncryption } from '../layout/key-info.ts';
import type { KnownMessage, MessageOfKind } from '../messages/catalogue.ts';
import { MediaEncryptionAlgorithm } from '../values/media-encryption.ts';
import { DeviceUnregisterStatus } from '../values/registration.ts';
import { NEWEST_VERSION, negotiatedVersion, OLDEST_VERSION } from '../versions.ts';
import { answersTo, timeDate } from './answers.ts';
import type { PhoneCodec, RegisteringDevice, ServerEvent, SessionEnd, SessionStatistics } from './events.ts';
import { defaultServerLimits, type ServerLimits } from './limits.ts';
import { OpenChannels } from './open-channels.ts';
import { codecsIn, deviceOf, eventOf, hasFeature } from './phone-messages.ts';
import type { LocalTime, PhoneProfile, SessionDialect } from './profile.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ServerSessionOptions {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Whether the connection is TLS: keys of streams are sent over no other. */
  readonly secure: boolean;
  /** What time it is where the phone is. */
  readonly localTime: (now: number) => LocalTime;
  readonly limits?: ServerLimits;
  /** The newest protocol version to agree to. */
  readonly newestVersion?: number;
  /** Is shown every message that could be read, before it has any effect, and every one that is sent; with its keys. */
  readonly passed?: (direction: 'received' | 'sent', message: SccpMessage) => void;
}

export type ServerOutput =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'event'; readonly event: ServerEvent }
  /** Close the connection, after what was to be transmitted. */
  | { readonly kind: 'close' };

type State = 'connected' | 'registering' | 'registered' | 'ended';
type Timer = 'registration' | 'ready' | 'keep-alive';

const beforeRegistration: SessionDialect = { version: OLDEST_VERSION, latin1: true, dynamicMessages: false };
/** A phone speaks of its flood of digits for as long as it goes on. */
const FLOOD_TOLD_AGAIN = 10_000;
/** What a manager says that it knows. [C: CHSCCP] */
const SERVER_FEATURES = { oldest: 0x0000, before11: 0xfef1, from11: 0xfff1, unknown: 0x20 } as const;
/** From here on phones take messages with texts of any length, if they say so. [C: CHSCCP, where 10 and 11 do] */
const DYNAMIC_MESSAGES = 8;

/**
 * The manager's end of the connection of one phone: octets and time go in, octets and events come out. It asks before
 * it serves (`registration-requested`), answers by itself what a phone asks while it registers, and from then on says
 * what the user does and sends what it is told to.
 */
export class ServerSession {
  readonly #options: ServerSessionOptions;
  readonly #limits: ServerLimits;
  readonly #reader: SccpFrameReader;
  readonly #deadlines = new Deadlines<Timer>();
  readonly #outputs: ServerOutput[] = [];
  readonly #messages: TokenBucket;
  readonly #dropped: TokenBucket;
  readonly #digits: TokenBucket;
  readonly #bad: TokenBucket;
  readonly #receiving = new OpenChannels();
  readonly #transmitting = new OpenChannels();
  /** Receive channels that are open or asked for: a phone with one may not leave. */
  readonly #channels = new Set<number>();
  #state: State = 'connected';
  #device: RegisteringDevice | undefined;
  #profile: PhoneProfile | undefined;
  #dialect = beforeRegistration;
  #codecs: readonly PhoneCodec[] | undefined;
  #asked = false;
  #ready = false;
  #spcp = false;
  #floodTold = Number.NEGATIVE_INFINITY;
  #statistics = {
    received: 0,
    sent: 0,
    unknown: 0,
    malformed: 0,
    withUnreadOctets: 0,
    outOfPlace: 0,
    dropped: 0,
    droppedDigits: 0,
    strayAnswers: 0,
  };

  constructor(options: ServerSessionOptions) {
    const { now, limits = defaultServerLimits } = options;
    this.#options = options;
    this.#limits = limits;
    this.#reader = new SccpFrameReader(limits.longestMessage);
    this.#messages = new TokenBucket(now, limits.messages);
    this.#dropped = new TokenBucket(now, limits.dropped);
    this.#digits = new TokenBucket(now, limits.digits);
    this.#bad = new TokenBucket(now, limits.bad);
    this.#deadlines.set('registration', now + limits.registration);
  }

  get state(): State {
    return this.#state;
  }

  /** What the two ends agreed on; before that, what the oldest phone knows. */
  get dialect(): SessionDialect {
    return this.#dialect;
  }

  get device(): RegisteringDevice | undefined {
    return this.#device;
  }

  get statistics(): SessionStatistics {
    return { ...this.#statistics };
  }

  handleBytes(now: number, chunk: Uint8Array): void {
    if (this.#state === 'ended') return;
    this.#reader.push(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      this.#statistics.received += 1;
      if (!this.#messages.take(now)) {
        this.#statistics.dropped += 1;
        if (!this.#dropped.take(now)) this.#end('flooding');
      } else {
        this.#handle(now, decodeBody(frame.messageId, frame.bytes, this.#dialect.version, frame.start, frame.end));
      }
      if (this.state === 'ended') return;
    }
    if (this.#reader.failure !== undefined) this.#end('bad-frame');
  }

  handleTimeout(now: number): void {
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      if (timer === 'ready') this.#becomeReady();
      else this.#end(timer === 'keep-alive' ? 'keep-alive-timeout' : 'not-registered');
    }
  }

  /** The connection is gone. */
  handleConnectionLost(): void {
    this.#end('connection-lost');
  }

  /** Serves the phone that asked to be, as this profile says. */
  accept(now: number, profile: PhoneProfile): void {
    this.#mustBe('registering');
    this.#profile = profile;
    this.#dialect = this.#agreedWith(this.#device as RegisteringDevice);
    this.#state = 'registered';
    this.#codecs = undefined;
    this.#asked = false;
    this.#ready = false;
    this.#deadlines.set('ready', now + this.#limits.ready);
    this.#signOfLife(now);
    const { version } = this.#dialect;
    this.#transmit({
      kind: 'RegisterAck',
      keepAliveInterval: profile.keepAliveSeconds,
      dateTemplate: profile.dateTemplate,
      secondaryKeepAliveInterval: profile.secondaryKeepAliveSeconds,
      maxProtocolVer: version,
      unknown: version < 4 ? 0 : SERVER_FEATURES.unknown,
      PhoneFeatures:
        version < 4 ? SERVER_FEATURES.oldest : version < 11 ? SERVER_FEATURES.before11 : SERVER_FEATURES.from11,
    });
    this.#transmit({ kind: 'CapabilitiesReq' });
  }

  /** Does not serve the phone that asked to be; `text` is shown on it. */
  reject(text: string): void {
    this.#mustBe('registering');
    this.#transmit({ kind: 'RegisterReject', text });
    this.#end('rejected');
  }

  /** The phone may come back to this manager. */
  grantToken(): void {
    this.#mustBe('connected');
    this.#transmit(this.#spcp ? { kind: 'SPCPRegisterTokenAck', features: 0 } : { kind: 'RegisterTokenAck' });
  }

  /** The phone is to ask again after so many seconds. */
  refuseToken(seconds: number): void {
    this.#mustBe('connected');
    const kind = this.#spcp ? 'SPCPRegisterTokenReject' : 'RegisterTokenReject';
    this.#transmit({ kind, waitTimeBeforeNextReq: seconds });
  }

  /** Answers from now on what a phone asks from another profile. Phones ask when they register: see `reset`. */
  update(profile: PhoneProfile): void {
    this.#profile = profile;
  }

  /**
   * Sends a message to a phone that is served.
   *
   * @throws {SccpError} sccp.state when it is not served, or when a key would be sent over a connection that is not TLS
   */
  send(message: KnownMessage): void {
    this.#mustBe('registered');
    if (!this.#options.secure && hasKey(message)) {
      throw new SccpError('sccp.state', 'a key of a stream is sent over TLS alone');
    }
    this.#transmit(message);
    if (message.kind === 'OpenReceiveChannel') {
      this.#channels.add(message.passThroughPartyId);
      this.#receiving.ask(message.passThroughPartyId, message.callReference);
    } else if (message.kind === 'CloseReceiveChannel') {
      this.#channels.delete(message.passThroughPartyId);
      this.#receiving.forget(message.passThroughPartyId);
    } else if (message.kind === 'StartMediaTransmission') {
      this.#transmitting.ask(message.passThroughPartyId, message.callReference);
    } else if (message.kind === 'StopMediaTransmission') {
      this.#transmitting.forget(message.passThroughPartyId);
    }
  }

  /** Has the phone start anew: a `DeviceResetType`. */
  reset(resetType: number): void {
    this.send({ kind: 'Reset', resetType });
  }

  /** Ends the session, for whatever reason its driver has. */
  close(): void {
    this.#end('closed');
  }

  poll(): ServerOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  #handle(now: number, message: ReceivedMessage): void {
    this.#signOfLife(now);
    if (message.kind === 'Unknown') {
      this.#statistics.unknown += 1;
      return;
    }
    if (message.kind === 'Malformed') {
      this.#statistics.malformed += 1;
      if (!this.#bad.take(now)) this.#end('bad-messages');
      return;
    }
    this.#options.passed?.('received', message);
    if (message.trailing !== undefined) this.#statistics.withUnreadOctets += 1;
    if (!this.#handleAnywhere(now, message) && !this.#handleInState(now, message)) {
      this.#statistics.outOfPlace += 1;
      if (!this.#bad.take(now)) this.#end('bad-messages');
    }
  }

  /** What a phone may say whether it is served or not. */
  #handleAnywhere(now: number, message: KnownMessage): boolean {
    switch (message.kind) {
      case 'KeepAliveReq':
        // A phone keeps a connection to the manager that it would turn to, and says no more on it than this.
        if (this.#state === 'connected') {
          this.#deadlines.set('registration', now + this.#limits.missedKeepAlives * this.#limits.registration);
        }
        this.#transmit({ kind: 'KeepAliveAck' });
        return true;
      case 'Alarm':
        this.#say({ kind: 'alarm', severity: message.alarmSeverity, text: message.text });
        return true;
      case 'EnhancedAlarm':
        this.#say({ kind: 'alarm', severity: undefined, text: message.alarmInfo });
        return true;
      default:
        return false;
    }
  }

  #handleInState(now: number, message: KnownMessage): boolean {
    if (message.kind === 'RegisterReq') return this.#handleRegister(message);
    if (this.#state === 'registered') return this.#handleServed(now, message);
    if (this.#state !== 'connected') return false;
    if (message.kind !== 'RegisterTokenReq' && message.kind !== 'SPCPRegisterTokenReq')
      return message.kind === 'IpPort';
    this.#spcp = message.kind === 'SPCPRegisterTokenReq';
    const { DeviceName: deviceName } = message.sid;
    this.#say({ kind: 'token-requested', deviceName, type: message.deviceType, spcp: this.#spcp });
    return true;
  }

  #handleRegister(message: MessageOfKind<'RegisterReq'>): boolean {
    if (this.#state === 'registering') return false;
    const device = deviceOf(message, this.#spcp);
    if (this.#state === 'registered') {
      if (device.name !== this.#device?.name) {
        this.#end('another-device');
        return true;
      }
      this.#leave('registers-again');
    }
    this.#device = device;
    this.#state = 'registering';
    this.#deadlines.clear('registration');
    this.#say({ kind: 'registration-requested', device });
    return true;
  }

  #handleServed(now: number, message: KnownMessage): boolean {
    const profile = this.#profile as PhoneProfile;
    const answers = answersTo(message, profile, this.#dialect, this.#device?.name ?? '');
    if (answers !== undefined) {
      for (const answer of answers) this.#transmit(answer);
      return true;
    }
    const codecs = codecsIn(message);
    if (codecs !== undefined) {
      this.#codecs = codecs;
      if (this.#ready) this.#say({ kind: 'codecs-changed', codecs });
      else if (this.#asked) this.#becomeReady();
      return true;
    }
    switch (message.kind) {
      case 'TimeDateReq':
        this.#transmit(timeDate(this.#options.localTime(now)));
        this.#hasAsked();
        return true;
      case 'RegisterAvailableLines':
        this.#hasAsked();
        return true;
      case 'UnregisterReq':
        this.#handleUnregister();
        return true;
      case 'OpenReceiveChannelAck':
        this.#handleChannelAck(message);
        return true;
      case 'StartMediaTransmissionAck':
        this.#handleTransmissionAck(message);
        return true;
      default:
        return this.#handleUser(now, message);
    }
  }

  #handleUser(now: number, message: KnownMessage): boolean {
    const event = eventOf(message);
    if (event === undefined) return false;
    if (event.kind !== 'digit' || this.#digits.take(now)) {
      this.#say(event);
      return true;
    }
    this.#statistics.droppedDigits += 1;
    if (now - this.#floodTold >= FLOOD_TOLD_AGAIN) {
      this.#floodTold = now;
      this.#say({ kind: 'key-pad-flooded' });
    }
    return true;
  }

  #handleChannelAck(message: MessageOfKind<'OpenReceiveChannelAck'>): void {
    const asked = this.#receiving.answer(message.passThroughPartyId, message.callReference);
    if (asked === undefined) {
      this.#statistics.strayAnswers += 1;
      return;
    }
    const { mediaReceptionStatus: status, ipAddr: address, portNumber: port } = message;
    if (status !== 0) this.#channels.delete(asked.passThroughPartyId);
    this.#say({ kind: 'receive-channel-opened', ...asked, status, address, port });
  }

  #handleTransmissionAck(message: MessageOfKind<'StartMediaTransmissionAck'>): void {
    const asked = this.#transmitting.answer(message.passThroughPartyId, message.callReference);
    if (asked === undefined) {
      this.#statistics.strayAnswers += 1;
      return;
    }
    const { mediaTransmissionStatus: status, transmitIpAddr: address, portNumber: port } = message;
    this.#say({ kind: 'transmission-started', ...asked, status, address, port });
  }

  #handleUnregister(): void {
    if (this.#channels.size > 0) {
      this.#transmit({ kind: 'UnregisterAck', status: DeviceUnregisterStatus.NAK });
      return;
    }
    this.#transmit({ kind: 'UnregisterAck', status: DeviceUnregisterStatus.Ok });
    this.#leave('asked');
    this.#end('unregistered');
  }

  #leave(reason: 'asked' | 'registers-again'): void {
    this.#receiving.clear();
    this.#transmitting.clear();
    this.#channels.clear();
    this.#deadlines.clear('ready');
    this.#dialect = beforeRegistration;
    this.#say({ kind: 'unregistered', reason });
  }

  #hasAsked(): void {
    this.#asked = true;
    if (this.#codecs !== undefined) this.#becomeReady();
  }

  #becomeReady(): void {
    if (this.#ready || this.#device === undefined) return;
    this.#ready = true;
    this.#deadlines.clear('ready');
    const codecs = this.#codecs ?? [];
    this.#say({ kind: 'registered', device: this.#device, dialect: this.#dialect, codecs });
  }

  #agreedWith(device: RegisteringDevice): SessionDialect {
    const version = negotiatedVersion(device.offeredVersion, this.#options.newestVersion ?? NEWEST_VERSION);
    return {
      version,
      latin1: !hasFeature(device, 'UTF8'),
      dynamicMessages: device.spcp || (version >= DYNAMIC_MESSAGES && hasFeature(device, 'DynamicMessages')),
    };
  }

  /** Any message of a phone that is served; one that it might turn here is heard of in the same way, by `KeepAliveReq`. */
  #signOfLife(now: number): void {
    if (this.#state !== 'registered') return;
    const seconds = Math.max(1, this.#profile?.keepAliveSeconds ?? 0);
    this.#deadlines.set('keep-alive', now + this.#limits.missedKeepAlives * seconds * 1_000);
  }

  #mustBe(state: State): void {
    if (this.#state === state) return;
    throw new SccpError('sccp.state', `the session is ${this.#state} where it must be ${state}`);
  }

  #transmit(message: SccpMessage): void {
    this.#statistics.sent += 1;
    this.#options.passed?.('sent', message);
    this.#outputs.push({ kind: 'transmit', bytes: encodeMessage(message, this.#dialect) });
  }

  #say(event: ServerEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #end(reason: SessionEnd): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#deadlines.clearAll();
    this.#receiving.clear();
    this.#transmitting.clear();
    this.#channels.clear();
    this.#say({ kind: 'ended', reason });
    this.#outputs.push({ kind: 'close' });
  }
}

function keyInfoIn(message: KnownMessage): MediaEncryptionKeyInfo | undefined {
  if ('mRxMediaEncryptionKeyInfo' in message) return message.mRxMediaEncryptionKeyInfo;
  return 'mTxMediaEncryptionKeyInfo' in message ? message.mTxMediaEncryptionKeyInfo : undefined;
}

/** Whether a message says that a stream is encrypted, or has a key whatever it says. */
function hasKey(message: KnownMessage): boolean {
  const { algorithmID, key, salt } = keyInfoIn(message) ?? noMediaEncryption;
  const octets = key.reveal().byteLength + salt.reveal().byteLength;
  return algorithmID !== MediaEncryptionAlgorithm.NO_ENCRYPTION || octets > 0;
}
