import { type Cause, type PartyNumber, speech } from '@trustline/h323';
import { AudioQueue, compress } from '../tones/audio-queue.ts';
import { dtmfTones } from '../tones/dtmf.ts';
import type { ToneGenerator } from '../tones/tone-generator.ts';
import {
  AUDIO_BLOCK_OCTETS,
  type CallingParty,
  type CompandingLaw,
  type OutgoingCall,
  type ReleaseCause,
  type VoicePort,
  type VoicePortEvent,
} from '../voice-port.ts';
import type { PrimaryRateLine } from './call-control/bearer-channels.ts';
import { CauseValue, Location } from './call-control/causes.ts';
import type { CallEvent, IsdnCall, ReleasedBy } from './call-control/isdn-call.ts';
import { causeOf } from './call-control/messages.ts';
import type { NetworkLayerOptions } from './call-control/network-layer.ts';
import { type AccessCounters, PrimaryRateAccess } from './primary-rate-access.ts';

export interface PrimaryRatePortOptions extends NetworkLayerOptions {
  /** As call records show it. */
  readonly name: string;
  /** By default A-law on E1 and µ-law on T1. */
  readonly law?: CompandingLaw;
  /** Sends the caller's name as a display, which Q.931 has from the network to the user alone: the default there. */
  readonly sendDisplay?: boolean;
}

/** What the card is to send on the D channel; the B channels are exchanged block by block. */
export interface PrimaryRateFrame {
  readonly octets: Uint8Array;
}

interface PortCall {
  readonly number: number;
  readonly call: IsdnCall;
  readonly toLine: AudioQueue;
  tones: ToneGenerator | undefined;
  /** It has come so far that its channel is agreed: audio goes both ways. */
  connected: boolean;
}

/** The range of a caller's presentation that forbids showing it (Q.951). */
const RESTRICTED = 1;

/**
 * A primary rate access as a port of the gateway. The line's side is that of a card: frames of the D channel by
 * `receiveFrame` and `takeFrame`, and every 20 ms one block of each B channel in use by `exchangeAudio`.
 */
export class PrimaryRatePort implements VoicePort {
  readonly kind = 'pri';
  readonly name: string;
  readonly law: CompandingLaw;
  readonly line: PrimaryRateLine;
  readonly #options: PrimaryRatePortOptions;
  readonly #access: PrimaryRateAccess;
  readonly #events: VoicePortEvent[] = [];
  readonly #frames: PrimaryRateFrame[] = [];
  readonly #calls = new Map<number, PortCall>();
  readonly #byCall = new Map<IsdnCall, PortCall>();
  readonly #samples = new Int16Array(AUDIO_BLOCK_OCTETS);
  readonly #received = new Map<number, Uint8Array>();
  #nextNumber = 1;

  constructor(options: PrimaryRatePortOptions) {
    this.name = options.name;
    this.line = options.line;
    this.law = options.law ?? (options.line === 'E1' ? 'A' : 'mu');
    this.#options = options;
    this.#access = new PrimaryRateAccess(options);
  }

  get inService(): boolean {
    return this.#access.layer.inService;
  }

  get channels(): number {
    return this.#access.layer.channelCount;
  }

  get freeChannels(): number {
    return this.#access.layer.freeChannels;
  }

  get counters(): AccessCounters {
    return this.#access.counters;
  }

  /** Layer 1 is up. */
  start(now: number): void {
    this.#access.start(now);
    this.#pump(now);
  }

  /** Restarts a channel or all of them; calls on them end. */
  restart(now: number, scope: number | 'interface'): void {
    this.#access.layer.restart(now, scope);
    this.#pump(now);
  }

  /** Takes a channel out of service, when its call is over, or puts it back. */
  setBlocked(now: number, channel: number, blocked: boolean): void {
    this.#access.layer.setBlocked(channel, blocked);
    this.#pump(now);
  }

  place(now: number, outgoing: OutgoingCall): number {
    const number = this.#nextNumber++;
    const { calling } = outgoing;
    const restricted = calling?.number?.presentation?.indicator === RESTRICTED;
    const shows = (this.#options.sendDisplay ?? this.#options.side === 'network') && !restricted;
    const call = this.#access.layer.call(now, {
      bearer: speech(this.law),
      called: outgoing.called,
      complete: outgoing.complete,
      ...(calling?.number === undefined ? {} : { calling: withPresentation(calling.number) }),
      ...(calling?.name === undefined || !shows ? {} : { display: calling.name }),
      ...(outgoing.redirecting === undefined ? {} : { redirecting: outgoing.redirecting }),
    });
    if (call === undefined) {
      const value = this.inService ? CauseValue.NoChannelAvailable : CauseValue.NetworkOutOfOrder;
      this.#events.push({ kind: 'released', call: number, cause: { value, location: Location.User }, by: 'line' });
      return number;
    }
    this.#hold(number, call);
    this.#pump(now);
    return number;
  }

  sendDigits(now: number, call: number, digits: string, complete: boolean): void {
    this.#command(now, call, (isdn) => isdn.sendDigits(now, digits, complete));
  }

  wantDigits(now: number, call: number): void {
    this.#command(now, call, (isdn) => isdn.wantDigits(now));
  }

  proceed(now: number, call: number): void {
    this.#command(now, call, (isdn) => isdn.proceed(now));
  }

  progress(now: number, call: number, cause?: ReleaseCause): void {
    this.#command(now, call, (isdn) => isdn.progress(now, cause === undefined ? undefined : toQ931(cause)));
  }

  alert(now: number, call: number, inBand: boolean): void {
    this.#command(now, call, (isdn) => isdn.alert(now, inBand));
  }

  answer(now: number, call: number, connected?: PartyNumber): void {
    const contents = connected === undefined ? {} : { connected: withPresentation(connected) };
    this.#command(now, call, (isdn) => isdn.connect(now, contents));
  }

  sendKeys(_now: number, call: number, keys: string): void {
    const held = this.#calls.get(call);
    if (held !== undefined) held.tones = dtmfTones(keys);
  }

  release(now: number, call: number, cause: ReleaseCause): void {
    this.#command(now, call, (isdn) => isdn.clear(now, toQ931(cause)));
  }

  write(call: number, octets: Uint8Array): void {
    this.#calls.get(call)?.toLine.write(octets);
  }

  channelOf(call: number): number | undefined {
    const held = this.#calls.get(call);
    return held === undefined ? undefined : this.#access.layer.channelOf(held.call);
  }

  poll(): VoicePortEvent | undefined {
    return this.#events.shift();
  }

  nextDeadline(): number | undefined {
    return this.#access.nextDeadline();
  }

  handleTime(now: number): void {
    this.#access.handleTime(now);
    this.#pump(now);
  }

  /** A frame of the D channel from the line, without flags and check sequence. */
  receiveFrame(now: number, octets: Uint8Array): void {
    this.#access.receiveFrame(now, octets);
    this.#pump(now);
  }

  /** The next frame for the D channel. */
  takeFrame(): PrimaryRateFrame | undefined {
    return this.#frames.shift();
  }

  /** B channels that carry a call: the others are idle, and need not be exchanged. */
  channelsInUse(): readonly number[] {
    return [...this.#calls.values()].flatMap(({ call, connected }) => {
      const channel = connected ? this.#access.layer.channelOf(call) : undefined;
      return channel === undefined ? [] : [channel];
    });
  }

  /**
   * Every 20 ms for each channel in use: takes the block that the line has received, and fills that which is sent. Both
   * have `AUDIO_BLOCK_OCTETS` octets; `received` is copied.
   */
  exchangeAudio(channel: number, received: Uint8Array, toSend: Uint8Array): void {
    const call = this.#access.layer.callOn(channel);
    const held = call === undefined ? undefined : this.#byCall.get(call);
    if (held === undefined || !held.connected) return;
    const block = this.#received.get(channel) ?? new Uint8Array(AUDIO_BLOCK_OCTETS);
    this.#received.set(channel, block);
    block.set(received.subarray(0, AUDIO_BLOCK_OCTETS));
    this.#events.push({ kind: 'audio', call: held.number, octets: block });
    held.toLine.read(toSend);
    this.#sound(held, toSend);
  }

  /** Keys that are sent take the place of what else is said. */
  #sound(held: PortCall, toSend: Uint8Array): void {
    if (held.tones === undefined) return;
    held.tones.fill(this.#samples);
    compress(this.law, this.#samples, toSend);
    if (held.tones.finished) held.tones = undefined;
  }

  #command(now: number, number: number, act: (call: IsdnCall) => void): void {
    const held = this.#calls.get(number);
    if (held === undefined) return;
    act(held.call);
    if (!held.call.isUnanswered && held.call.phase !== 'setup') held.connected = true;
    this.#pump(now);
  }

  #hold(number: number, call: IsdnCall): PortCall {
    const held: PortCall = { number, call, toLine: new AudioQueue(this.law), tones: undefined, connected: false };
    this.#calls.set(number, held);
    this.#byCall.set(call, held);
    return held;
  }

  #pump(now: number): void {
    for (let output = this.#access.poll(now); output !== undefined; output = this.#access.poll(now)) {
      if (output.kind === 'frame') this.#frames.push({ octets: output.octets });
      else if (output.kind === 'service') this.#events.push(output);
      else if (output.kind === 'call') this.#take(output.call, output.event);
    }
  }

  #take(call: IsdnCall, event: CallEvent): void {
    if (event.kind === 'setup') {
      this.#takeSetup(call, event);
      return;
    }
    const held = this.#byCall.get(call);
    if (held === undefined) return;
    if (event.kind !== 'released') held.connected = true;
    const { number } = held;
    switch (event.kind) {
      case 'digits':
        this.#events.push({ kind: 'digits', call: number, digits: event.digits, complete: event.complete });
        return;
      case 'more-digits-wanted':
        this.#events.push({ kind: 'more-digits-wanted', call: number });
        if (event.inBand) this.#events.push({ kind: 'progress', call: number, inBand: true });
        return;
      case 'proceeding':
      case 'alerting':
        this.#events.push({ kind: event.kind, call: number, inBand: event.inBand });
        return;
      case 'progress':
        this.#events.push({
          kind: 'progress',
          call: number,
          inBand: event.inBand,
          ...(event.cause === undefined ? {} : { cause: fromQ931(event.cause) }),
        });
        return;
      case 'disconnected':
        this.#events.push({ kind: 'progress', call: number, inBand: true, cause: fromQ931(event.cause) });
        return;
      case 'connected':
        this.#events.push({
          kind: 'answered',
          call: number,
          ...(event.connected === undefined ? {} : { connected: event.connected }),
        });
        return;
      case 'keypad':
        this.#events.push({ kind: 'keys', call: number, keys: event.keys });
        return;
      case 'released':
        this.#calls.delete(number);
        this.#byCall.delete(call);
        this.#events.push({
          kind: 'released',
          call: number,
          cause: fromQ931(event.cause),
          by: released[event.by],
        });
    }
  }

  #takeSetup(
    call: IsdnCall,
    { called, complete, calling, display, redirecting }: Extract<CallEvent, { kind: 'setup' }>,
  ): void {
    const held = this.#hold(this.#nextNumber++, call);
    const restricted = calling?.presentation?.indicator === RESTRICTED;
    const party: CallingParty = {
      ...(calling === undefined ? {} : { number: calling }),
      ...(display === undefined || restricted ? {} : { name: display }),
    };
    this.#events.push({
      kind: 'incoming',
      call: held.number,
      called,
      complete,
      calling: party,
      ...(redirecting === undefined ? {} : { redirecting }),
    });
  }
}

const released: Readonly<Record<ReleasedBy, 'far-end' | 'gateway' | 'timer' | 'line'>> = {
  'far-end': 'far-end',
  local: 'gateway',
  timer: 'timer',
  line: 'line',
};

/** A calling or connected number of a gateway says whether it may be shown; by itself it may, and nobody has screened it. */
function withPresentation(number: PartyNumber): PartyNumber {
  return { ...number, presentation: number.presentation ?? { indicator: 0, screening: 0 } };
}

function toQ931({ value, location }: ReleaseCause): Cause {
  return causeOf(value, location);
}

function fromQ931({ value, location }: Cause): ReleaseCause {
  return { value, location };
}
