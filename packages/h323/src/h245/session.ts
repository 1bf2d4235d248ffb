import type * as H245 from '../generated/h245.types.ts';
import type { SrtpSuite } from '../h235/object-identifiers.ts';
import type { SrtpKeyForm, SrtpMasterKey } from '../h235/srtp-keys.ts';
import {
  acknowledgeAudio,
  type ChannelProtection,
  holdsKey,
  openAudio,
  PROTECTED_PAYLOAD_TYPE,
  type ReadChannel,
  readAck,
  readAudio,
} from './audio-channel.ts';
import { type AudioFormat, type MediaAddress, payloadTypeOf } from './audio-format.ts';
import { capabilitySet, emptyCapabilities, type PeerCapabilities, readCapabilities } from './capability-set.ts';
import { type ChannelChoice, choiceName, chooseChannel, type ProtectionPolicy } from './choose-channel.ts';
import {
  type Capabilities,
  IncomingCapabilityExchangeEntity,
  OutgoingCapabilityExchangeEntity,
} from './machines/cese.ts';
import { IncomingCloseLogicalChannelEntity } from './machines/clcse.ts';
import {
  type IncomingChannelEvent,
  IncomingLogicalChannelEntity,
  type OutgoingChannelEvent,
  OutgoingLogicalChannelEntity,
} from './machines/lcse.ts';
import { IncomingModeRequestEntity } from './machines/mrse.ts';
import { MasterSlaveDeterminationEntity, type Role } from './machines/msdse.ts';
import { RoundTripDelayEntity } from './machines/rtdse.ts';
import type { SignallingEntity } from './machines/signalling-entity.ts';

/** Channels that a peer may have open or asked for at once: a voice call has one. */
const MAX_INCOMING = 8;

export interface SessionOptions {
  readonly formats: readonly AudioFormat[];
  readonly suites: readonly SrtpSuite[];
  readonly policy: ProtectionPolicy;
  /** 50 a terminal, 60 a gateway. */
  readonly terminalType: number;
  readonly drawNumber: () => number;
  /** A new key each time: one for each channel that we open, and for each Ack of ours. */
  readonly drawKey: (suite: SrtpSuite, use: 'open' | 'acknowledge') => SrtpMasterKey;
  readonly keyForm: SrtpKeyForm;
  /**
   * The key that an Ack of ours holds: one of ours, as OPAL has it; the one received, which makes both readings of
   * H.235.8 the same but is to be used only where we own the SSRCs; or none.
   */
  readonly ackKey: 'own' | 'echo' | 'none';
  /** Where we receive; absent while that is not known: the peer's channel waits for it then. */
  readonly media?: MediaAddress;
  readonly telephoneEvent?: number;
  /** Nothing is said of ours before `configure`; what the peer says is answered. */
  readonly waits?: true;
  /** Both directions are to have one format and suite: the slave follows the master (H.245 §8.4.1.3). */
  readonly symmetric?: true;
  /** The payload type of protected streams that we send: that of their format, or 125, which is what OPAL has [R]. */
  readonly protectedPayloadType?: 'of-format';
}

/** What is wanted of the media from now on. */
export interface MediaTerms extends Pick<SessionOptions, 'formats' | 'suites' | 'policy' | 'telephoneEvent'> {
  readonly media: MediaAddress | undefined;
  readonly sends: boolean;
  readonly receives: boolean;
  /** Channels that are open are opened anew, with new keys: the peer's by the empty set and a full one after it. */
  readonly renews?: 'transmit' | 'receive' | 'both';
}

/** Why media cannot be had as the policy wants it. */
export type Refusal = 'not-proven' | 'clear' | 'no-common-format' | 'bad-answer' | 'no-answer' | 'no-role';

export type SessionEvent =
  /** We send there. */
  | {
      readonly kind: 'media-opened';
      readonly direction: 'transmit';
      readonly remote: MediaAddress;
      readonly format: AudioFormat;
      readonly payloadType: number;
      readonly protection?: ChannelProtection;
      /** The key that the peer's Ack held, if it did; `protection` has it too. */
      readonly ackKey?: SrtpMasterKey;
    }
  /** The peer wants to send so, and waits to be told where. */
  | {
      readonly kind: 'media-wanted';
      readonly format: AudioFormat;
      readonly payloadType: number;
      readonly suite?: SrtpSuite;
      readonly keys: readonly SrtpMasterKey[];
    }
  /** We receive; the key is one of `keys`, and the first tag that verifies says which. Clear where there are none. */
  | {
      readonly kind: 'media-opened';
      readonly direction: 'receive';
      readonly format: AudioFormat;
      readonly payloadType: number;
      readonly suite?: SrtpSuite;
      readonly keys: readonly SrtpMasterKey[];
    }
  | { readonly kind: 'media-closed'; readonly direction: 'transmit' | 'receive' }
  /** The peer can receive nothing now, or something again (H.323 §8.4.6). */
  | { readonly kind: 'held' | 'resumed' }
  | { readonly kind: 'digits'; readonly digits: string; readonly milliseconds?: number }
  | { readonly kind: 'refused'; readonly because: Refusal }
  | { readonly kind: 'ended' };

export type SessionOutput =
  | { readonly kind: 'send'; readonly message: H245.MultimediaSystemControlMessage }
  | { readonly kind: 'event'; readonly event: SessionEvent };

/** A channel that fast connect opened, with the number that the caller gave it. */
export interface FastChannels {
  readonly format: AudioFormat;
  readonly transmit: { readonly number: number; readonly remote: MediaAddress };
  readonly receive: { readonly number: number };
}

type Channel = Extract<ReadChannel, { readonly ok: true }>['channel'];

interface Transmit {
  readonly entity: OutgoingLogicalChannelEntity;
  readonly choice: ChannelChoice;
  readonly key: SrtpMasterKey | undefined;
}

/**
 * H.245 of one call of voice (H.323 §8.2 to §8.4): capabilities, master and slave, one channel of audio each way, digits,
 * and hold by the empty set. A key is sent only while `proven`; that is asked again when a message is taken by `poll`.
 */
export class ControlSession {
  readonly #options: SessionOptions;
  readonly #outputs: SessionOutput[] = [];
  readonly #determination: MasterSlaveDeterminationEntity;
  readonly #ours = new OutgoingCapabilityExchangeEntity();
  readonly #theirs = new IncomingCapabilityExchangeEntity();
  readonly #mode = new IncomingModeRequestEntity();
  readonly #roundTrip = new RoundTripDelayEntity();
  readonly #incoming = new Map<number, IncomingLogicalChannelEntity>();
  readonly #refused = new Set<string>();
  #terms: Pick<MediaTerms, 'formats' | 'suites' | 'policy' | 'telephoneEvent' | 'media'>;
  #waits: boolean;
  #startWanted = false;
  #proven = false;
  #state: 'idle' | 'open' | 'ended' = 'idle';
  #acknowledged = false;
  /** Our last set waits for its answer. */
  #unanswered = false;
  #receiving = true;
  /** We want to send: until we close the channel, the peer asks for that, or nothing can be had. */
  #sending = true;
  /** We are to send, whatever has come between. */
  #wants = true;
  #role: Role | undefined;
  #peer: PeerCapabilities | undefined;
  #transmit: Transmit | undefined;
  /** The channel through which the peer sends. */
  #receive: number | undefined;
  #received: ChannelChoice | undefined;
  /** The channel that waits until it is known where we receive. */
  #pending: { readonly number: number; readonly channel: Channel } | undefined;
  /** A full set follows the empty one, once the peer has closed its channel. */
  #rerouting = false;
  #nextNumber = 1;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#terms = { ...options, media: options.media };
    this.#waits = options.waits === true;
    this.#wants = this.#sending = !this.#waits;
    this.#determination = new MasterSlaveDeterminationEntity(options);
  }

  /** Whether the connection over which messages go is proven to be protected. */
  set proven(proven: boolean) {
    this.#proven = proven;
  }

  get role(): Role | undefined {
    return this.#role;
  }

  /** The payload type of telephone-events that the peer takes. */
  get telephoneEvent(): number | undefined {
    return this.#peer?.telephoneEvent;
  }

  get started(): boolean {
    return this.#state !== 'idle';
  }

  /** Nothing is said or taken any more. */
  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Sends our capabilities without waiting for the peer's: two that wait would wait forever. */
  start(now: number): void {
    if (this.#state !== 'idle') return;
    this.#startWanted = true;
    if (this.#waits) return;
    this.#state = 'open';
    this.#transfer(now, this.#capabilities());
    this.#determination.determine(now);
    this.#pump(now);
  }

  /** Fast connect opened both channels, in the clear: they are closed as any other (H.323 §8.1.7). */
  fastConnected(now: number, { format, transmit, receive }: FastChannels): void {
    if (this.#state === 'ended') return;
    const outgoing = new OutgoingLogicalChannelEntity(transmit.number);
    outgoing.establishedByFastConnect();
    this.#transmit = { entity: outgoing, choice: { format }, key: undefined };
    this.#nextNumber = Math.max(this.#nextNumber, transmit.number + 1) % 0xffff;
    this.#incomingOf(receive.number)?.establishedByFastConnect();
    this.#receive = receive.number;
    const payloadType = payloadTypeOf(format);
    this.#tell({ kind: 'media-opened', direction: 'transmit', remote: transmit.remote, format, payloadType });
    this.#tell({ kind: 'media-opened', direction: 'receive', format, payloadType, keys: [] });
    this.#pump(now);
  }

  /** The peer is to stop sending; ours goes on until it is closed (music). */
  hold(now: number): void {
    if (this.#state !== 'open' || !this.#receiving) return;
    this.#receiving = false;
    this.#transfer(now, emptyCapabilities);
    this.#pump(now);
  }

  /** The peer may send again, to another address if there is one: so a call is transferred. */
  resume(now: number, media = this.#terms.media): void {
    if (this.#state !== 'open') return;
    this.#terms = { ...this.#terms, media };
    this.#receiving = true;
    this.#wants = this.#sending = true;
    this.#transfer(now, this.#capabilities());
    this.#pump(now);
  }

  /** Media are to be so from now on. Before the session has begun it begins so. */
  configure(now: number, terms: MediaTerms): void {
    if (this.#state === 'ended') return;
    const { sends, receives, renews } = terms;
    this.#terms = terms;
    this.#waits = false;
    this.#wants = this.#sending = sends;
    this.#refused.clear();
    if (this.#state === 'idle') {
      this.#receiving = receives;
      if (this.#startWanted) this.start(now);
    } else {
      this.#reconfigure(now, sends, receives, renews);
    }
    this.#acceptPending();
    this.#pump(now);
  }

  #reconfigure(now: number, sends: boolean, receives: boolean, renews: MediaTerms['renews']): void {
    if (!sends || renews === 'transmit' || renews === 'both') this.#transmit?.entity.release(now);
    const isOpen = this.#receive !== undefined && this.#receiving;
    if (receives && !isOpen && !this.#rerouting) {
      this.#receiving = true;
      this.#transfer(now, this.#capabilities());
    } else if (isOpen && (!receives || renews === 'receive' || renews === 'both')) {
      this.#receiving = false;
      this.#rerouting = receives;
      this.#transfer(now, emptyCapabilities);
    } else if (!receives && this.#receiving) {
      this.#receiving = false;
      this.#transfer(now, emptyCapabilities);
    }
    if (!receives) this.#rerouting = false;
  }

  /** Stops our own sending. */
  closeTransmit(now: number): void {
    if (this.#state === 'ended') return;
    this.#sending = false;
    this.#transmit?.entity.release(now);
    this.#pump(now);
  }

  /** Digits in the way that the peer understands; letters otherwise (H.245 §B.14.6). */
  sendDigits(digits: string): void {
    if (this.#state !== 'open') return;
    const signals = this.#peer?.userInput.has('dtmf') === true;
    for (const digit of signals ? digits : [digits]) {
      const value: H245.UserInputIndication = signals
        ? { kind: 'signal', value: { signalType: digit, duration: 160 } }
        : { kind: 'alphanumeric', value: digit };
      this.#say({ kind: 'indication', value: { kind: 'userInput', value } });
    }
  }

  /** endSession: nothing is answered or sent any more. */
  end(): void {
    if (this.#state === 'open') {
      this.#say({ kind: 'command', value: { kind: 'endSessionCommand', value: { kind: 'disconnect' } } });
    }
    this.#state = 'ended';
  }

  receive(now: number, message: H245.MultimediaSystemControlMessage): void {
    if (this.#state === 'ended') return;
    if (message.kind === 'request') this.#request(now, message.value);
    else if (message.kind === 'response') this.#response(now, message.value);
    else if (message.kind === 'command') this.#command(now, message.value);
    else if (message.kind === 'indication') this.#indication(now, message.value);
    this.#pump(now);
  }

  /** The next output. A key that was to go while the connection was proven does not go when it no longer is. */
  poll(): SessionOutput | undefined {
    const output = this.#outputs.shift();
    if (output?.kind !== 'send' || this.#proven || !holdsKey(output.message)) return output;
    return { kind: 'event', event: { kind: 'refused', because: 'not-proven' } };
  }

  nextDeadline(): number | undefined {
    const all = this.#entities().flatMap((entity) => entity.nextDeadline() ?? []);
    return all.length === 0 || this.#state === 'ended' ? undefined : Math.min(...all);
  }

  handleTimeout(now: number): void {
    for (const entity of this.#entities()) entity.handleTimeout(now);
    this.#pump(now);
  }

  #request(now: number, request: H245.RequestMessage): void {
    switch (request.kind) {
      case 'terminalCapabilitySet':
        this.#theirs.receiveSet(now, request.value);
        return;
      case 'masterSlaveDetermination':
        this.#determination.receiveRequest(now, request.value);
        return;
      case 'openLogicalChannel':
        this.#asked(now, request.value);
        return;
      case 'closeLogicalChannel': {
        const number = request.value.forwardLogicalChannelNumber;
        if (this.#pending?.number === number) this.#received = this.#pending = undefined;
        const entity = this.#incoming.get(number) ?? new IncomingLogicalChannelEntity(number);
        entity.receiveClose(now, request.value);
        this.#drainIncoming(number, entity);
        this.#incoming.delete(number);
        return;
      }
      case 'requestChannelClose': {
        const entity = new IncomingCloseLogicalChannelEntity(request.value.forwardLogicalChannelNumber);
        entity.receiveRequest(now, request.value);
        if (this.#transmit?.entity.number === request.value.forwardLogicalChannelNumber) {
          entity.accept();
          this.#sending = false;
          this.#transmit.entity.release(now);
        } else {
          entity.reject();
        }
        this.#drain(entity, () => {});
        return;
      }
      case 'requestMode':
        this.#mode.receiveRequest(now, request.value);
        this.#mode.reject({ kind: 'modeUnavailable' });
        return;
      case 'maintenanceLoopRequest': {
        const { type } = request.value;
        const value: H245.MaintenanceLoopReject = { type, cause: { kind: 'canNotPerformLoop' } };
        this.#say({ kind: 'response', value: { kind: 'maintenanceLoopReject', value } });
        return;
      }
      case 'roundTripDelayRequest':
        this.#roundTrip.receiveRequest(now, request.value);
        return;
      default:
        // H.245 §B.15: what is not understood is said so.
        this.#say({
          kind: 'indication',
          value: { kind: 'functionNotUnderstood', value: { kind: 'request', value: request } },
        });
    }
  }

  #response(now: number, response: H245.ResponseMessage): void {
    switch (response.kind) {
      case 'terminalCapabilitySetAck':
        this.#ours.receiveAck(now, response.value);
        return;
      case 'terminalCapabilitySetReject':
        this.#ours.receiveReject(now, response.value);
        return;
      case 'masterSlaveDeterminationAck':
        this.#determination.receiveAck(now, response.value);
        return;
      case 'masterSlaveDeterminationReject':
        this.#determination.receiveReject(now);
        return;
      case 'openLogicalChannelAck':
        this.#transmitOf(response.value)?.entity.receiveAck(now, response.value);
        return;
      case 'openLogicalChannelReject':
        this.#transmitOf(response.value)?.entity.receiveReject(now, response.value);
        return;
      case 'closeLogicalChannelAck':
        this.#transmitOf(response.value)?.entity.receiveCloseAck(now);
        return;
      case 'roundTripDelayResponse':
        this.#roundTrip.receiveResponse(now, response.value);
    }
  }

  #command(now: number, command: H245.CommandMessage): void {
    if (command.kind === 'endSessionCommand') {
      // H.323 §8.5: it is answered by ours.
      this.end();
      this.#tell({ kind: 'ended' });
    } else if (command.kind === 'sendTerminalCapabilitySet' && this.#state === 'open') {
      this.#transfer(now, this.#receiving ? this.#capabilities() : emptyCapabilities);
    }
  }

  #indication(now: number, indication: H245.IndicationMessage): void {
    if (indication.kind === 'masterSlaveDeterminationRelease') this.#determination.receiveRelease(now);
    if (indication.kind === 'terminalCapabilitySetRelease') this.#theirs.receiveRelease(now);
    if (indication.kind !== 'userInput') return;
    const { value: input } = indication;
    if (input.kind === 'alphanumeric') this.#tell({ kind: 'digits', digits: input.value });
    if (input.kind === 'extendedAlphanumeric') this.#tell({ kind: 'digits', digits: input.value.alphanumeric });
    if (input.kind !== 'signal') return;
    const { signalType, duration } = input.value;
    this.#tell({ kind: 'digits', digits: signalType, ...(duration === undefined ? {} : { milliseconds: duration }) });
  }

  #asked(now: number, request: H245.OpenLogicalChannel): void {
    const number = request.forwardLogicalChannelNumber;
    const known = this.#incomingOf(number);
    const entity = known ?? new IncomingLogicalChannelEntity(number);
    entity.receiveOpen(now, request);
    this.#drainIncoming(number, entity);
    const read = known === undefined ? ({ ok: false, cause: 'dataTypeNotSupported' } as const) : readAudio(request);
    const cause = this.#objection(read) ?? this.#conflict(now, read);
    if (cause !== undefined || !read.ok) {
      entity.reject({ kind: cause ?? 'dataTypeNotSupported' });
      this.#incoming.delete(number);
    } else if (this.#terms.media === undefined || this.#waits) {
      const { format, payloadType, protection } = read.channel;
      this.#received = choiceOf(read.channel);
      this.#pending = { number, channel: read.channel };
      const suite = protection === undefined ? {} : { suite: protection.suite };
      const keys = protection === undefined ? [] : [protection.key];
      this.#tell({ kind: 'media-wanted', format, payloadType, ...suite, keys });
    } else {
      this.#received = choiceOf(read.channel);
      this.#accept(entity, number, read.channel);
    }
    this.#drainIncoming(number, entity);
  }

  /** It is known now where we receive, and what else is wanted of a channel. */
  #acceptPending(): void {
    const [pending, entity] = [this.#pending, this.#incoming.get(this.#pending?.number ?? 0)];
    if (pending === undefined || this.#terms.media === undefined || entity === undefined) return;
    this.#pending = undefined;
    const cause = this.#objection({ ok: true, channel: pending.channel });
    if (cause === undefined) {
      this.#accept(entity, pending.number, pending.channel);
      return;
    }
    entity.reject({ kind: cause });
    this.#drainIncoming(pending.number, entity);
    this.#incoming.delete(pending.number);
  }

  /** Where both directions are to be the same and ours is not as theirs: the slave's gives way. */
  #conflict(now: number, read: ReadChannel): 'masterSlaveConflict' | undefined {
    if (this.#options.symmetric !== true || !read.ok || this.#transmit === undefined) return undefined;
    const { choice, entity } = this.#transmit;
    const { format, protection } = read.channel;
    if (choice.format.name === format.name && choice.suite === protection?.suite) return undefined;
    if (this.#role === 'master') return 'masterSlaveConflict';
    entity.release(now);
    return undefined;
  }

  /** Why the peer may not send so; a peer that drops to clear where it must not is told on before there is media. */
  #objection(
    read: ReadChannel,
  ): 'dataTypeNotSupported' | 'dataTypeNotAvailable' | 'securityDenied' | 'invalidSessionID' | undefined {
    if (!read.ok) return read.cause;
    const { format, protection } = read.channel;
    const { policy, formats, suites } = this.#terms;
    if (!this.#receiving || !formats.some(({ name }) => name === format.name)) return 'dataTypeNotAvailable';
    if (protection === undefined) {
      if (policy !== 'require') return undefined;
      this.#tell({ kind: 'refused', because: this.#proven ? 'clear' : 'not-proven' });
      return 'securityDenied';
    }
    if (this.#proven && policy !== 'forbid' && suites.includes(protection.suite)) return undefined;
    // The key has been seen by whoever listens.
    if (policy === 'require') this.#tell({ kind: 'refused', because: this.#proven ? 'bad-answer' : 'not-proven' });
    return 'securityDenied';
  }

  #accept(entity: IncomingLogicalChannelEntity, number: number, channel: Channel): void {
    const { format, payloadType, protection } = channel;
    const { ackKey, drawKey, keyForm } = this.#options;
    const { media } = this.#terms;
    if (media === undefined) return;
    const own = () => (protection === undefined ? undefined : drawKey(protection.suite, 'acknowledge'));
    const ours = ackKey === 'none' ? undefined : ackKey === 'echo' ? protection?.key : own();
    entity.establish(acknowledgeAudio(media, payloadType, ours, keyForm));
    this.#receive = number;
    const keys = protection === undefined ? [] : ackKey === 'own' && ours ? [protection.key, ours] : [protection.key];
    this.#drainIncoming(number, entity);
    this.#tell({
      kind: 'media-opened',
      direction: 'receive',
      format,
      payloadType,
      ...(protection === undefined ? {} : { suite: protection.suite }),
      keys,
    });
  }

  #open(now: number): void {
    const wanted = this.#state === 'open' && this.#sending && this.#transmit === undefined;
    const ready = wanted && this.#acknowledged && this.#role !== undefined;
    if (!ready || this.#peer === undefined || this.#peer.empty) return;
    const { drawKey, keyForm, protectedPayloadType } = this.#options;
    const { formats, policy, media } = this.#terms;
    const choice = this.#choose(this.#peer);
    if (choice === undefined) {
      this.#sending = false;
      const common = formats.some(({ name }) => this.#peer?.formats.some(({ format }) => format.name === name));
      const because = policy !== 'require' || !common ? 'no-common-format' : this.#proven ? 'clear' : 'not-proven';
      this.#tell({ kind: 'refused', because });
      return;
    }
    const { format, suite } = choice;
    const key = suite === undefined ? undefined : drawKey(suite, 'open');
    const protection = suite === undefined || key === undefined ? {} : { protection: { suite, key } };
    const entity = new OutgoingLogicalChannelEntity(this.#nextNumber);
    this.#nextNumber = (this.#nextNumber % 0xffff) + 1;
    this.#transmit = { entity, choice, key };
    const payloadType = protectedPayloadType === undefined ? PROTECTED_PAYLOAD_TYPE : payloadTypeOf(format);
    entity.establish(now, openAudio({ format, payloadType, ...protection }, media, keyForm));
  }

  /** What to send: as what is received where the two are to be the same and that can be. */
  #choose(peer: PeerCapabilities): ChannelChoice | undefined {
    const { formats, policy } = this.#terms;
    const received = this.#options.symmetric === true ? this.#received : undefined;
    const suites = this.#suites();
    const same =
      received &&
      chooseChannel(
        formats.filter(({ name }) => name === received.format.name),
        suites.filter((suite) => suite === received.suite),
        received.suite === undefined ? policy : 'require',
        peer,
        this.#refused,
      );
    return same ?? chooseChannel(formats, suites, policy, peer, this.#refused);
  }

  #transmitted(now: number, transmit: Transmit, event: OutgoingChannelEvent): void {
    if (event.kind === 'established') {
      const { format, suite } = transmit.choice;
      const ack = readAck(event.ack);
      const key = ack?.key ?? transmit.key;
      if (ack === undefined || (suite !== undefined && (key === undefined || key === false))) {
        this.#tell({ kind: 'refused', because: 'bad-answer' });
        transmit.entity.release(now);
        return;
      }
      const isOwn = suite !== undefined && this.#options.protectedPayloadType === undefined;
      const payloadType = ack.payloadType ?? (isOwn ? PROTECTED_PAYLOAD_TYPE : payloadTypeOf(format));
      const protection = suite === undefined || !key ? {} : { protection: { suite, key } };
      const ackKey = suite === undefined || !ack.key ? {} : { ackKey: ack.key };
      this.#tell({
        kind: 'media-opened',
        direction: 'transmit',
        remote: ack.remote,
        format,
        payloadType,
        ...protection,
        ...ackKey,
      });
      return;
    }
    this.#transmit = undefined;
    if (event.kind === 'rejected') {
      this.#refused.add(choiceName(transmit.choice));
      return;
    }
    this.#tell({ kind: 'media-closed', direction: 'transmit' });
    if (event.because === 'no-answer') {
      this.#sending = false;
      this.#tell({ kind: 'refused', because: 'no-answer' });
    }
  }

  #learn(now: number, set: H245.TerminalCapabilitySet): void {
    const before = this.#peer;
    this.#peer = readCapabilities(set);
    this.#theirs.accept();
    if (this.#peer.empty) {
      this.#transmit?.entity.release(now);
      if (before?.empty !== true) this.#tell({ kind: 'held' });
      return;
    }
    this.#refused.clear();
    this.#sending = this.#wants;
    if (before?.empty === true) this.#tell({ kind: 'resumed' });
    this.#open(now);
  }

  #pump(now: number): void {
    this.#drain(this.#theirs, (event) => {
      if (event.kind === 'transferred') this.#learn(now, event.capabilities);
    });
    this.#drain(this.#ours, (event) => {
      this.#unanswered = false;
      if (event.kind === 'acknowledged') this.#acknowledged = true;
      else this.#tell({ kind: 'refused', because: 'no-answer' });
    });
    if (this.#rerouting && this.#receive === undefined && !this.#unanswered) {
      this.#rerouting = false;
      this.#receiving = true;
      this.#transfer(now, this.#capabilities());
      this.#drain(this.#ours, () => {});
    }
    this.#drain(this.#determination, (event) => {
      if (event.kind === 'determined') this.#role = event.role;
      else if (this.#role === undefined) this.#tell({ kind: 'refused', because: 'no-role' });
    });
    this.#drain(this.#mode, () => {});
    this.#drain(this.#roundTrip, () => {});
    this.#drain(this.#theirs, () => {});
    let drained: Transmit | undefined;
    do {
      this.#open(now);
      const current = this.#transmit;
      if (current !== undefined) this.#drain(current.entity, (event) => this.#transmitted(now, current, event));
      drained = current;
    } while (drained !== this.#transmit);
  }

  #drainIncoming(number: number, entity: IncomingLogicalChannelEntity): void {
    this.#drain(entity, (event: IncomingChannelEvent) => {
      if (event.kind !== 'released' || this.#receive !== number) return;
      this.#receive = undefined;
      this.#received = undefined;
      this.#tell({ kind: 'media-closed', direction: 'receive' });
    });
  }

  #drain<Event>(entity: SignallingEntity<Event>, heard: (event: Event) => void): void {
    for (let output = entity.poll(); output !== undefined; output = entity.poll()) {
      if (output.kind === 'send') this.#say(output.message);
      else heard(output.event);
    }
  }

  #incomingOf(number: number): IncomingLogicalChannelEntity | undefined {
    const known = this.#incoming.get(number);
    if (known !== undefined || this.#incoming.size >= MAX_INCOMING) return known;
    const entity = new IncomingLogicalChannelEntity(number);
    this.#incoming.set(number, entity);
    return entity;
  }

  #transmitOf({ forwardLogicalChannelNumber }: { readonly forwardLogicalChannelNumber: number }): Transmit | undefined {
    return this.#transmit?.entity.number === forwardLogicalChannelNumber ? this.#transmit : undefined;
  }

  #entities(): SignallingEntity<unknown>[] {
    const all = [this.#ours, this.#determination, this.#roundTrip];
    return this.#transmit === undefined ? all : [...all, this.#transmit.entity];
  }

  #suites(): readonly SrtpSuite[] {
    return this.#proven && this.#terms.policy !== 'forbid' ? this.#terms.suites : [];
  }

  #capabilities() {
    const { formats, policy, telephoneEvent } = this.#terms;
    const clear = policy !== 'require';
    return capabilitySet({
      formats,
      suites: this.#suites(),
      clear,
      ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    });
  }

  #transfer(now: number, capabilities: Capabilities): void {
    this.#unanswered = true;
    this.#ours.transfer(now, capabilities);
  }

  #tell(event: SessionEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #say(message: H245.MultimediaSystemControlMessage): void {
    this.#outputs.push({ kind: 'send', message });
  }
}

function choiceOf({ format, protection }: Channel): ChannelChoice {
  return protection === undefined ? { format } : { format, suite: protection.suite };
}
