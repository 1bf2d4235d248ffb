import { FRAME_SAMPLES } from '@trustline/rtp';
import type { CallRequest, LegCommand } from '../calls/leg.ts';
import { InBandKeys } from '../media/in-band-keys.ts';
import { type NumberingArea, numberOfParty, partyOfNumber } from '../numbers/numbering-area.ts';
import { compress, expand } from '../tones/audio-queue.ts';
import { AUDIO_BLOCK_OCTETS, type CallingParty, type VoicePort, type VoicePortEvent } from '../voice-port.ts';
import type { AudioEnd, FrameSource } from './audio-end.ts';
import type { FarSide } from './far-side.ts';
import type { GatewaySide, LegAccount, SidePorts } from './side.ts';

/** Presentation indicator of Q.951. */
const RESTRICTED = 1;

/** A port that is driven: its line runs, and `changed` was called whenever the port may have something to say. */
export interface RunningPort {
  readonly port: VoicePort;
  /** It was given commands. */
  touched(): void;
  /** Who can be told to call from the other end of its line; absent where nobody can. */
  readonly farSide?: FarSide;
  stop(): void;
}

interface PortLeg {
  readonly name: string;
  readonly call: number;
  readonly audio: PortAudio;
  /** The last that was known: it is free again when the call is told to be over. */
  channel: number | undefined;
}

/** The calls of one port, in the words of the gateway. */
export class PortSide implements GatewaySide {
  readonly #running: RunningPort;
  readonly #area: NumberingArea | undefined;
  readonly #ports: SidePorts;
  readonly #legs = new Map<string, PortLeg>();
  readonly #byCall = new Map<number, PortLeg>();

  constructor(open: (changed: () => void) => RunningPort, area: NumberingArea | undefined, ports: SidePorts) {
    this.#area = area;
    this.#ports = ports;
    this.#running = open(() => this.#drain());
  }

  get farSide(): FarSide | undefined {
    return this.#running.farSide;
  }

  get port(): VoicePort {
    return this.#running.port;
  }

  place(leg: string, { called, complete, caller, diverted }: CallRequest): void {
    const calling: CallingParty = {
      ...(caller.number === ''
        ? {}
        : {
            number: partyOfNumber(caller.number, this.#area, {
              indicator: caller.restricted ? RESTRICTED : 0,
              screening: caller.screening,
            }),
          }),
      ...(caller.name === undefined || caller.restricted ? {} : { name: caller.name }),
    };
    const call = this.port.place(performance.now(), {
      called: partyOfNumber(called, this.#area),
      complete,
      calling,
      ...(diverted === undefined
        ? {}
        : {
            redirecting: {
              ...partyOfNumber(diverted.number, this.#area),
              ...(diverted.reason === undefined ? {} : { reason: diverted.reason }),
            },
          }),
    });
    this.#add(leg, call);
    this.#touched();
  }

  command(leg: string, command: LegCommand): void {
    const known = this.#legs.get(leg);
    if (known === undefined) return;
    this.#channelOf(known);
    if (command.kind === 'send-keys') known.audio.sounds(command.keys);
    this.#does(known.call, command);
    if (command.kind === 'release') this.#forget(known);
    this.#touched();
  }

  audioOf(leg: string): AudioEnd | undefined {
    return this.#legs.get(leg)?.audio;
  }

  accountOf(leg: string): LegAccount {
    const channel = this.#channelOf(this.#legs.get(leg));
    const text = `port ${this.port.name}${channel === undefined ? '' : `:${channel}`}`;
    return { text, kind: 'port', media: undefined, signalling: 'line' };
  }

  stop(): void {
    this.#running.stop();
  }

  #does(call: number, command: LegCommand): void {
    const { port } = this;
    const now = performance.now();
    switch (command.kind) {
      case 'want-digits':
        port.wantDigits(now, call);
        return;
      case 'proceed':
        port.proceed(now, call);
        return;
      case 'send-digits':
        port.sendDigits(now, call, command.digits, command.complete);
        return;
      case 'progress':
        port.progress(now, call, command.cause);
        return;
      case 'alert':
        port.alert(now, call, command.inBand);
        return;
      case 'answer':
        port.answer(
          now,
          call,
          command.connected === undefined ? undefined : partyOfNumber(command.connected, this.#area),
        );
        return;
      case 'send-keys':
        port.sendKeys(now, call, command.keys);
        return;
      case 'release':
        port.release(now, call, command.cause);
    }
  }

  #touched(): void {
    this.#running.touched();
    this.#drain();
  }

  #drain(): void {
    for (let event = this.port.poll(); event !== undefined; event = this.port.poll()) this.#take(event);
  }

  #take(event: VoicePortEvent): void {
    if (event.kind === 'service') {
      const state = event.inService ? 'in service' : 'out of service';
      this.#ports.notice(event.inService ? 'info' : 'warning', `port ${this.port.name} is ${state}: ${event.reason}`);
      return;
    }
    if (event.kind === 'incoming') {
      this.#offered(event);
      return;
    }
    const leg = this.#byCall.get(event.call);
    if (leg === undefined) return;
    if (event.kind === 'audio') {
      leg.audio.came(event.octets);
      return;
    }
    this.#channelOf(leg);
    switch (event.kind) {
      case 'answered': {
        const connected = event.connected && numberOfParty(event.connected, this.#area);
        this.#ports.heard(leg.name, { kind: 'answered', ...(connected === undefined ? {} : { connected }) });
        return;
      }
      case 'released':
        this.#ports.heard(leg.name, { kind: 'released', cause: event.cause });
        this.#forget(leg);
        return;
      case 'hook-flash':
        return;
      default: {
        const { call: _, ...said } = event;
        this.#ports.heard(leg.name, said);
      }
    }
  }

  #offered({ call, called, complete, calling, redirecting }: Extract<VoicePortEvent, { kind: 'incoming' }>): void {
    const { number, name } = calling;
    const diverted = redirecting && {
      number: numberOfParty(redirecting, this.#area),
      ...(redirecting.reason === undefined ? {} : { reason: redirecting.reason }),
    };
    const leg = this.#ports.offered({
      called: numberOfParty(called, this.#area),
      complete,
      caller: {
        number: number === undefined ? '' : numberOfParty(number, this.#area),
        ...(name === undefined ? {} : { name }),
        restricted: number?.presentation?.indicator === RESTRICTED,
        screening: number?.presentation?.screening ?? 0,
      },
      ...(diverted === undefined ? {} : { diverted }),
    });
    this.#add(leg, call);
  }

  #add(name: string, call: number): void {
    // An analogue port tells its keys itself: it knows which of them were dialled.
    const tellsKeys = this.port.kind !== 'pri';
    const audio = new PortAudio(this.port, call, (keys) => {
      if (!tellsKeys) this.#ports.heard(name, { kind: 'keys', keys });
    });
    const leg = { name, call, audio, channel: undefined };
    this.#legs.set(name, leg);
    this.#byCall.set(call, leg);
  }

  #channelOf(leg: PortLeg | undefined): number | undefined {
    if (leg === undefined) return undefined;
    leg.channel = this.port.channelOf(leg.call) ?? leg.channel;
    return leg.channel;
  }

  #forget({ name, call }: PortLeg): void {
    this.#legs.delete(name);
    this.#byCall.delete(call);
  }
}

/** The audio of one call at a port: its clock is the port's. */
class PortAudio implements AudioEnd {
  readonly #port: VoicePort;
  readonly #call: number;
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  readonly #octets = new Uint8Array(AUDIO_BLOCK_OCTETS);
  readonly #inBand = new InBandKeys();
  readonly #keys: (keys: string) => void;
  #source: FrameSource | undefined;
  onFrame: ((frame: Int16Array) => void) | undefined;

  /** @param keys told the keys that are heard in the audio */
  constructor(port: VoicePort, call: number, keys: (keys: string) => void) {
    this.#port = port;
    this.#call = call;
    this.#keys = keys;
  }

  /** The port is to sound keys. */
  sounds(keys: string): void {
    this.#inBand.sounded(keys);
  }

  /** 20 ms came; it is also the moment to say 20 ms. */
  came(octets: Uint8Array): void {
    if (this.#source !== undefined) {
      this.#source(this.#frame);
      this.#write(this.#frame);
    }
    if (this.onFrame === undefined) return;
    expand(this.#port.law, octets, this.#frame);
    const keys = this.#inBand.take(this.#frame);
    if (keys !== '') this.#keys(keys);
    this.onFrame(this.#frame);
  }

  hear(frame: Int16Array): void {
    if (this.#source === undefined) this.#write(frame);
  }

  play(source: FrameSource | undefined): void {
    this.#source = source;
  }

  #write(frame: Int16Array): void {
    compress(this.#port.law, frame, this.#octets);
    this.#port.write(this.#call, this.#octets);
  }
}
