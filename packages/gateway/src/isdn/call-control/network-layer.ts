import { type CallReference, type ChannelIdentification, decodeQ931, isdnDialect, MessageType } from '@trustline/h323';
import type { AccessSide } from '../link/frame.ts';
import { BearerChannels, bearerChannelsOf, type ChannelService, type PrimaryRateLine } from './bearer-channels.ts';
import { type CallControlTimers, standardTimers } from './call-timers.ts';
import { CauseValue, Location } from './causes.ts';
import { type CallEvent, IsdnCall, type SetupTerms } from './isdn-call.ts';
import { causeOf, writeMessage } from './messages.ts';
import { type ReceivedMessage, readMessage } from './received-message.ts';
import { RestartProcedure, type RestartScope } from './restart-procedure.ts';

export interface NetworkLayerOptions {
  readonly side: AccessSide;
  readonly line: PrimaryRateLine;
  /** Where to look for a free channel first. By default the network goes up and the user comes down. */
  readonly hunt?: 'ascending' | 'descending';
  /**
   * Whether another channel will do for our calls. By default the network insists, which has priority where both sides
   * take the same channel (§5.7), and the user does not.
   */
  readonly channelChoice?: 'exclusive' | 'preferred';
  /** Restarts every channel when the data link comes up for the first time: the other side may have calls of before. */
  readonly restartAtStart?: boolean;
  readonly timers?: Partial<CallControlTimers>;
  /** From where call references are counted, 1 to 32,767. */
  readonly firstCallReference?: number;
}

export type NetworkLayerOutput =
  /** DL-DATA request. */
  | { readonly kind: 'transmit'; readonly octets: Uint8Array }
  /** DL-ESTABLISH request. */
  | { readonly kind: 'establish' }
  | { readonly kind: 'call'; readonly call: IsdnCall; readonly event: CallEvent }
  /** Whether calls can be placed: messages reach the other side and a channel is in service. */
  | { readonly kind: 'service'; readonly inService: boolean; readonly reason: string }
  | { readonly kind: 'channel'; readonly channel: number; readonly service: ChannelService };

const CALL_REFERENCES = 0x7fff;
const ONE_CHANNEL = 1;
const ANY_CHANNEL = 3;

/**
 * Layer 3 of a primary rate access (Q.931), user side or network side: the calls by their references, the B channels, the
 * restart procedure, and what becomes of all of them when the data link is lost. Messages go in and come out whole; the
 * data link below keeps their order.
 */
export class NetworkLayer {
  readonly #options: NetworkLayerOptions;
  readonly #timers: CallControlTimers;
  readonly #outputs: NetworkLayerOutput[] = [];
  /** By reference and flag: what each side chose is a space of its own. */
  readonly #calls = new Map<number, IsdnCall>();
  readonly #channelOf = new Map<IsdnCall, number>();
  readonly #channels: BearerChannels<IsdnCall>;
  readonly #restarts: RestartProcedure;
  readonly #location: number;
  /** References of calls that ended while the data link was down. */
  #endedInSilence: CallReference[] = [];
  #nextReference: number;
  #linkUp = false;
  #wasUp = false;
  #inService = false;
  /** Messages that were ignored as §5.8 says: no Q.931, too short, or with a call reference of another length. */
  ignoredMessages = 0;
  /** Elements that were ignored (§5.8.7). */
  ignoredElements = 0;

  constructor(options: NetworkLayerOptions) {
    this.#options = options;
    this.#timers = { ...standardTimers(options.side), ...options.timers };
    this.#location = options.side === 'user' ? Location.User : Location.PublicNetworkServingLocalUser;
    const hunt = options.hunt ?? (options.side === 'user' ? 'descending' : 'ascending');
    this.#channels = new BearerChannels(bearerChannelsOf(options.line), hunt);
    this.#restarts = new RestartProcedure({
      T316: this.#timers.T316,
      location: this.#location,
      channels: this.#channels.channels,
    });
    this.#nextReference = options.firstCallReference ?? 1;
  }

  get inService(): boolean {
    return this.#inService;
  }

  get channelCount(): number {
    return this.#channels.channels.length;
  }

  get freeChannels(): number {
    return this.#inService ? this.#channels.freeCount : 0;
  }

  /** Calls that have a reference, those included that are being cleared. */
  get callCount(): number {
    return this.#calls.size;
  }

  channelOf(call: IsdnCall): number | undefined {
    return this.#channelOf.get(call);
  }

  callOn(channel: number): IsdnCall | undefined {
    return this.#channels.ownerOf(channel);
  }

  serviceOf(channel: number): ChannelService | undefined {
    return this.#channels.serviceOf(channel);
  }

  /** Places a call on a free channel; undefined where there is none, or no data link. */
  call(now: number, terms: SetupTerms): IsdnCall | undefined {
    const channel = this.#inService ? this.#channels.findFree() : undefined;
    if (channel === undefined) return undefined;
    const call = this.#newCall(this.#freeReference(), true);
    this.#occupy(call, channel);
    const exclusive = this.#exclusive();
    call.setup(now, terms, { exclusive, selection: ONE_CHANNEL, channel });
    return call;
  }

  /** Restarts one channel or all of them: calls on them end at once (§5.5). */
  restart(now: number, scope: RestartScope): void {
    const channels = scope === 'interface' ? this.#channels.channels : [scope];
    for (const channel of channels) {
      this.#abandonCallOn(channel, CauseValue.TemporaryFailure);
      if (this.#channels.serviceOf(channel) !== 'blocked') this.#setService(channel, 'restarting');
    }
    if (this.#linkUp) this.#restarts.restart(now, scope);
  }

  /** Takes a channel out of service when its call, if it has one, is over; or puts it back. */
  setBlocked(channel: number, blocked: boolean): void {
    this.#setService(channel, blocked ? 'blocked' : 'in-service');
  }

  /** DL-ESTABLISH confirm or indication. */
  linkEstablished(now: number): void {
    if (this.#linkUp) {
      for (const call of this.#allCalls()) call.linkReset(now);
      this.#collect(now);
      return;
    }
    this.#linkUp = true;
    this.#releaseWhatEnded();
    for (const call of this.#allCalls()) call.linkRestored();
    if (!this.#wasUp && this.#options.restartAtStart !== false) this.restart(now, 'interface');
    else this.#restartWhatWaits(now);
    this.#wasUp = true;
    this.#collect(now);
  }

  /** DL-RELEASE confirm or indication. */
  linkReleased(now: number): void {
    this.#linkUp = false;
    this.#restarts.linkFailed();
    for (const call of this.#allCalls()) call.linkFailed(now);
    this.#collect(now);
    this.#outputs.push({ kind: 'establish' });
  }

  /** DL-DATA indication. */
  receive(now: number, octets: Uint8Array): void {
    const result = decodeQ931(octets, isdnDialect);
    // §5.8.1, §5.8.2, §5.8.3.1. The call references of a primary rate have two octets (§4.3).
    if (!result.ok || result.message.callReference.length !== 2) {
      this.ignoredMessages += 1;
      return;
    }
    const message = readMessage(result.message, this.#options.side === 'user' ? 'network' : 'user');
    this.ignoredElements += message.ignored;
    if (message.reference.value === 0) this.#restarts.receive(now, message);
    else this.#receiveForCall(now, message);
    this.#collect(now);
  }

  handleTime(now: number): void {
    for (const call of this.#allCalls()) call.handleTime(now);
    this.#restarts.handleTime(now);
    this.#collect(now);
  }

  nextDeadline(): number | undefined {
    let next = this.#restarts.nextDeadline();
    for (const call of this.#calls.values()) {
      const due = call.nextDeadline();
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  poll(now: number): NetworkLayerOutput | undefined {
    this.#collect(now);
    return this.#outputs.shift();
  }

  #receiveForCall(now: number, message: ReceivedMessage): void {
    const { value, fromDestination } = message.reference;
    const call = this.#calls.get(callKey(value, fromDestination));
    if (call !== undefined) {
      call.receive(now, message);
      return;
    }
    if (message.type === MessageType.Setup) {
      // §5.8.3.2 d: who sends a SETUP has chosen its reference.
      if (fromDestination) this.ignoredMessages += 1;
      else this.#receiveSetup(message);
      return;
    }
    this.#receiveUnrelated(message);
  }

  /** §5.8.3.2, §5.8.10, §5.8.11: messages of no call that there is. */
  #receiveUnrelated(message: ReceivedMessage): void {
    switch (message.type) {
      case MessageType.ReleaseComplete:
        return;
      case MessageType.Status:
        if (message.callState !== 0) this.#releaseComplete(message, CauseValue.MessageNotCompatibleWithState);
        return;
      case MessageType.StatusEnquiry:
        this.#transmitTo(message, MessageType.Status, CauseValue.ResponseToStatusEnquiry, 0);
        return;
      default:
        this.#releaseComplete(message, CauseValue.InvalidCallReference);
    }
  }

  #receiveSetup(message: ReceivedMessage): void {
    if (message.fault !== undefined) {
      this.#releaseComplete(message, message.fault.cause, message.fault.element);
      return;
    }
    const choice = this.#chooseChannel(message.channel);
    if ('cause' in choice) {
      this.#releaseComplete(message, choice.cause);
      return;
    }
    const { bearer } = message;
    // Both sides take away the speech path of the channel if it is no speech that is asked for.
    if (bearer === undefined || !isVoice(bearer.transferCapability) || bearer.transferMode !== 0) {
      this.#releaseComplete(message, CauseValue.BearerCapabilityNotImplemented);
      return;
    }
    const loser = this.#channels.ownerOf(choice.channel);
    if (loser !== undefined) this.#channelOf.delete(loser);
    const call = this.#newCall(message.reference.value, false);
    this.#occupy(call, choice.channel);
    call.takeSetup(message, bearer, { exclusive: true, selection: ONE_CHANNEL, channel: choice.channel });
  }

  /** §5.1.2, §5.2.3: which channel a call from the other side gets, or why none. */
  #chooseChannel(wanted: ChannelIdentification | undefined): { channel: number } | { cause: number } {
    const free = this.#channels.findFree();
    const any = free === undefined ? { cause: CauseValue.NoChannelAvailable } : { channel: free };
    if (wanted === undefined || wanted.selection === ANY_CHANNEL) return any;
    const { channel, exclusive } = wanted;
    if (channel !== undefined && this.#mayHave(channel)) return { channel };
    if (exclusive || wanted.selection !== ONE_CHANNEL) return { cause: CauseValue.RequestedChannelNotAvailable };
    return any;
  }

  /** §5.7: where both sides want the same channel, the network's call has priority. */
  #mayHave(channel: number): boolean {
    if (this.#channels.isFree(channel)) return true;
    const yields = this.#options.side === 'user' && this.#channels.ownerOf(channel)?.isUnanswered === true;
    return yields && this.#channels.serviceOf(channel) === 'in-service';
  }

  /** The first answer to our SETUP says which channel it is to be; without one it is that of the SETUP. */
  #confirmChannel(call: IsdnCall, answer: ChannelIdentification | undefined): boolean {
    const named = answer?.channel;
    const held = this.#channelOf.get(call);
    if (named === undefined || named === held) return held !== undefined;
    if (!this.#channels.isFree(named)) return false;
    if (held !== undefined && this.#exclusive()) return false;
    if (held !== undefined) this.#channels.free(held, call);
    this.#occupy(call, named);
    return true;
  }

  #newCall(value: number, sentSetup: boolean): IsdnCall {
    const call: IsdnCall = new IsdnCall({
      side: this.#options.side,
      reference: { value, fromDestination: !sentSetup, length: 2 },
      sentSetup,
      timers: this.#timers,
      channels: { confirm: (channel) => this.#confirmChannel(call, channel) },
    });
    // What comes for it has the other side's flag.
    this.#calls.set(callKey(value, sentSetup), call);
    return call;
  }

  #occupy(call: IsdnCall, channel: number): void {
    this.#channels.assign(channel, call);
    this.#channelOf.set(call, channel);
  }

  #exclusive(): boolean {
    return (
      (this.#options.channelChoice ?? (this.#options.side === 'network' ? 'exclusive' : 'preferred')) === 'exclusive'
    );
  }

  #freeReference(): number {
    for (;;) {
      const value = this.#nextReference;
      this.#nextReference = (value % CALL_REFERENCES) + 1;
      if (!this.#calls.has(callKey(value, true))) return value;
    }
  }

  /** Takes what calls and the restart procedure have to say, and sees what that makes of the service. */
  #collect(now: number): void {
    for (const call of this.#allCalls()) this.#collectFrom(now, call);
    for (let output = this.#restarts.poll(); output !== undefined; output = this.#restarts.poll()) {
      switch (output.kind) {
        case 'transmit':
          this.#transmit(output.octets);
          break;
        case 'restarted-by-far-end':
          for (const channel of output.channels) this.#restartedByFarEnd(channel);
          break;
        case 'acknowledged':
          this.#endRestart(output.scope, 'in-service');
          break;
        case 'failed':
          this.#endRestart(output.scope, 'maintenance');
          break;
      }
    }
    this.#judgeService();
  }

  #collectFrom(now: number, call: IsdnCall): void {
    for (let output = call.poll(); output !== undefined; output = call.poll()) {
      switch (output.kind) {
        case 'transmit':
          this.#transmit(output.octets);
          break;
        case 'event':
          this.#outputs.push({ kind: 'call', call, event: output.event });
          break;
        case 'ended':
          this.#forget(now, call, output.unanswered);
          break;
      }
    }
  }

  #forget(now: number, call: IsdnCall, unanswered: boolean): void {
    const { value, fromDestination } = call.reference;
    if (!this.#linkUp) this.#endedInSilence.push(call.reference);
    this.#calls.delete(callKey(value, !fromDestination));
    const channel = this.#channelOf.get(call);
    if (channel === undefined) return;
    this.#channelOf.delete(call);
    this.#channels.free(channel, call);
    // §5.3.3: what the other side makes of the channel is not known until it is restarted.
    if (unanswered) this.restart(now, channel);
  }

  /**
   * An addition to §5.8.9: the other side's data link need not have noticed, and then it would keep calls for ever that we
   * ended while ours was down.
   */
  #releaseWhatEnded(): void {
    const cause = causeOf(CauseValue.DestinationOutOfOrder, this.#location);
    for (const reference of this.#endedInSilence) {
      this.#transmit(writeMessage(reference, MessageType.ReleaseComplete, { cause }));
    }
    this.#endedInSilence = [];
  }

  #restartedByFarEnd(channel: number): void {
    this.#abandonCallOn(channel, CauseValue.TemporaryFailure);
    if (this.#channels.serviceOf(channel) === 'maintenance') this.#setService(channel, 'in-service');
  }

  #endRestart(scope: RestartScope, service: 'in-service' | 'maintenance'): void {
    for (const channel of scope === 'interface' ? this.#channels.channels : [scope]) {
      if (this.#channels.serviceOf(channel) === 'restarting') this.#setService(channel, service);
    }
  }

  #restartWhatWaits(now: number): void {
    const waiting = this.#channels.channels.filter((channel) => this.#channels.serviceOf(channel) === 'restarting');
    if (waiting.length === this.#channels.channels.length) this.#restarts.restart(now, 'interface');
    else for (const channel of waiting) this.#restarts.restart(now, channel);
  }

  #abandonCallOn(channel: number, cause: number): void {
    this.#channels.ownerOf(channel)?.abandon(cause);
  }

  #setService(channel: number, service: ChannelService): void {
    if (this.#channels.serviceOf(channel) === service) return;
    this.#channels.setService(channel, service);
    this.#outputs.push({ kind: 'channel', channel, service });
  }

  /** Calls can be placed while the data link is up and a channel is in service, busy or not. */
  #judgeService(): void {
    const usable = this.#channels.channels.some((channel) => this.#channels.serviceOf(channel) === 'in-service');
    const inService = this.#linkUp && usable;
    if (this.#inService === inService) return;
    this.#inService = inService;
    const reason = inService
      ? 'channels are ready'
      : this.#linkUp
        ? 'no channel is in service'
        : 'the data link is down';
    this.#outputs.push({ kind: 'service', inService, reason });
  }

  #releaseComplete(message: ReceivedMessage, cause: number, ...diagnostics: readonly number[]): void {
    this.#transmitTo(message, MessageType.ReleaseComplete, cause, undefined, ...diagnostics);
  }

  #transmitTo(
    { reference }: ReceivedMessage,
    type: number,
    cause: number,
    callState: number | undefined,
    ...diagnostics: readonly number[]
  ): void {
    const answer = { ...reference, fromDestination: !reference.fromDestination };
    const contents = {
      cause: causeOf(cause, this.#location, ...diagnostics),
      ...(callState === undefined ? {} : { callState }),
    };
    this.#transmit(writeMessage(answer, type, contents));
  }

  #transmit(octets: Uint8Array): void {
    this.#outputs.push({ kind: 'transmit', octets });
  }

  #allCalls(): readonly IsdnCall[] {
    return [...this.#calls.values()];
  }
}

const THREE_KHZ_AUDIO = 16;

/** Speech, or audio of 3.1 kHz (Q.931 §4.5.5). */
function isVoice(transferCapability: number): boolean {
  return transferCapability === 0 || transferCapability === THREE_KHZ_AUDIO;
}

/** A call reference as the other side writes it. */
function callKey(value: number, fromDestination: boolean): number {
  return fromDestination ? value + CALL_REFERENCES + 1 : value;
}
