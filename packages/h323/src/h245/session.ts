import type * as H245 from '../generated/h245.types.ts';
import type { SrtpSuite } from '../h235/object-identifiers.ts';
import type { SrtpKeyForm, SrtpMasterKey } from '../h235/srtp-keys.ts';
import {
  acknowledgeAudio,
  type ChannelProtection,
  holdsKey,
  openAudio,
  type ReadChannel,
  readAck,
  readAudio,
} from './audio-channel.ts';
import { type AudioFormat, type MediaAddress, payloadTypeOf } from './audio-format.ts';
import { capabilitySet, emptyCapabilities, type PeerCapabilities, readCapabilities } from './capability-set.ts';
import { type ChannelChoice, choiceName, chooseChannel, type ProtectionPolicy } from './choose-channel.ts';
import { IncomingCapabilityExchangeEntity, OutgoingCapabilityExchangeEntity } from './machines/cese.ts';
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
  readonly drawKey: () => SrtpMasterKey;
  readonly keyForm: SrtpKeyForm;
  /**
   * The key that an Ack of ours holds: one of ours, as OPAL has it; the one received, which makes both readings of
   * H.235.8 the same but is to be used only where we own the SSRCs; or none.
   */
  readonly ackKey: 'own' | 'echo' | 'none';
  /** Where we receive. */
  readonly media: MediaAddress;
  readonly telephoneEvent?: number;
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
  #media: MediaAddress;
  #proven = false;
  #state: 'idle' | 'open' | 'ended' = 'idle';
  #acknowledged = false;
  #receiving = true;
  /** We want to send: until we close the channel, the peer asks for that, or nothing can be had. */
  #sending = true;
  #role: Role | undefined;
  #peer: PeerCapabilities | undefined;
  #transmit: Transmit | undefined;
  /** The channel through which the peer sends. */
  #receive: number | undefined;
  #nextNumber = 1;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#media = options.media;
    this.#determination = new MasterSlaveDeterminationEntity(options);
  }

  /** Whether the connection over which messages go is proven to be protected. */
  set proven(proven: boolean) {
    this.#proven = proven;
  }

  get role(): Role | undefined {
    return this.#role;
  }

  get started(): boolean {
    return this.#state !== 'idle';
  }

  /** Sends our capabilities without waiting for the peer's: two that wait would wait forever. */
  start(now: number): void {
    if (this.#state !== 'idle') return;
    this.#state = 'open';
    this.#ours.transfer(now, this.#capabilities());
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
    this.#ours.transfer(now, emptyCapabilities);
    this.#pump(now);
  }

  /** The peer may send again, to another address if there is one: so a call is transferred. */
  resume(now: number, media: MediaAddress = this.#media): void {
    if (this.#state !== 'open') return;
    this.#media = media;
    this.#receiving = true;
    this.#sending = true;
    this.#ours.transfer(now, this.#capabilities());
    this.#pump(now);
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
      this.#state = 'ended';
      this.#tell({ kind: 'ended' });
    } else if (command.kind === 'sendTerminalCapabilitySet' && this.#state === 'open') {
      this.#ours.transfer(now, this.#receiving ? this.#capabilities() : emptyCapabilities);
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
    const cause = this.#objection(read);
    if (cause !== undefined || !read.ok) {
      entity.reject({ kind: cause ?? 'dataTypeNotSupported' });
      this.#incoming.delete(number);
    } else {
      this.#accept(entity, number, read.channel);
    }
    this.#drainIncoming(number, entity);
  }

  /** Why the peer may not send so; a peer that drops to clear where it must not is told on before there is media. */
  #objection(
    read: ReadChannel,
  ): 'dataTypeNotSupported' | 'dataTypeNotAvailable' | 'securityDenied' | 'invalidSessionID' | undefined {
    if (!read.ok) return read.cause;
    const { format, protection } = read.channel;
    const { policy, formats, suites } = this.#options;
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

  #accept(
    entity: IncomingLogicalChannelEntity,
    number: number,
    channel: Extract<ReadChannel, { ok: true }>['channel'],
  ): void {
    const { format, payloadType, protection } = channel;
    const { ackKey, drawKey, keyForm } = this.#options;
    const ours =
      protection === undefined || ackKey === 'none' ? undefined : ackKey === 'echo' ? protection.key : drawKey();
    entity.establish(acknowledgeAudio(this.#media, payloadType, ours, keyForm));
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
    const { formats, policy, drawKey, keyForm } = this.#options;
    const choice = chooseChannel(formats, this.#suites(), policy, this.#peer, this.#refused);
    if (choice === undefined) {
      this.#sending = false;
      const common = formats.some(({ name }) => this.#peer?.formats.some(({ format }) => format.name === name));
      const because = policy !== 'require' || !common ? 'no-common-format' : this.#proven ? 'clear' : 'not-proven';
      this.#tell({ kind: 'refused', because });
      return;
    }
    const { format, suite } = choice;
    const key = suite === undefined ? undefined : drawKey();
    const protection = suite === undefined || key === undefined ? {} : { protection: { suite, key } };
    const entity = new OutgoingLogicalChannelEntity(this.#nextNumber);
    this.#nextNumber = (this.#nextNumber % 0xffff) + 1;
    this.#transmit = { entity, choice, key };
    entity.establish(now, openAudio({ format, ...protection }, this.#media, keyForm));
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
      const payloadType = ack.payloadType ?? (suite === undefined ? payloadTypeOf(format) : 125);
      const protection = suite === undefined || !key ? {} : { protection: { suite, key } };
      this.#tell({
        kind: 'media-opened',
        direction: 'transmit',
        remote: ack.remote,
        format,
        payloadType,
        ...protection,
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
    this.#sending = true;
    if (before?.empty === true) this.#tell({ kind: 'resumed' });
    this.#open(now);
  }

  #pump(now: number): void {
    this.#drain(this.#theirs, (event) => {
      if (event.kind === 'transferred') this.#learn(now, event.capabilities);
    });
    this.#drain(this.#ours, (event) => {
      if (event.kind === 'acknowledged') this.#acknowledged = true;
      else this.#tell({ kind: 'refused', because: 'no-answer' });
    });
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
    return this.#proven && this.#options.policy !== 'forbid' ? this.#options.suites : [];
  }

  #capabilities() {
    const { formats, policy, telephoneEvent } = this.#options;
    const clear = policy !== 'require';
    return capabilitySet({
      formats,
      suites: this.#suites(),
      clear,
      ...(telephoneEvent === undefined ? {} : { telephoneEvent }),
    });
  }

  #tell(event: SessionEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #say(message: H245.MultimediaSystemControlMessage): void {
    this.#outputs.push({ kind: 'send', message });
  }
}
