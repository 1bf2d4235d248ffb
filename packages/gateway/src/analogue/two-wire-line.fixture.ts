import type { SimulatedNetworkEvent, SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import { AUDIO_BLOCK_OCTETS, type VoicePort, type VoicePortEvent } from '../voice-port.ts';
import type { FxoPort } from './fxo-port.ts';
import type { FxsPort } from './fxs-port.ts';
import type { Battery } from './loop-signals.ts';

/** What a port told, audio apart. */
export class Told {
  readonly events: Exclude<VoicePortEvent, { kind: 'audio' }>[] = [];

  take(port: VoicePort, onAudio: (call: number, octets: Uint8Array) => void = () => {}): void {
    for (let event = port.poll(); event !== undefined; event = port.poll()) {
      if (event.kind === 'audio') onAudio(event.call, event.octets);
      else if (event.kind !== 'service') this.events.push(event);
    }
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  last<Kind extends VoicePortEvent['kind']>(kind: Kind): VoicePortEvent & { readonly kind: Kind } {
    const found = this.events.findLast((event) => event.kind === kind);
    if (found === undefined) throw new Error(`no ${kind} among ${this.kinds().join(', ')}`);
    return found as VoicePortEvent & { readonly kind: Kind };
  }
}

/** An FXO port on the line of an exchange, which is an FXS port with the simulated network behind it. */
export class TwoWireLine {
  now = 0;
  battery: Battery = 'normal';
  ringing = false;
  readonly told = new Told();
  readonly seen: SimulatedNetworkEvent[] = [];
  /** What our side says and hears in the calls of the FXO port. */
  say: () => Uint8Array | undefined = () => undefined;
  readonly heard: Uint8Array[] = [];
  readonly #fxo: FxoPort;
  readonly #fxs: FxsPort;
  readonly #simulation: SimulatedPublicNetwork;
  #toFxo: Uint8Array;
  #toFxs: Uint8Array;

  constructor(fxo: FxoPort, fxs: FxsPort, simulation: SimulatedPublicNetwork) {
    this.#fxo = fxo;
    this.#fxs = fxs;
    this.#simulation = simulation;
    this.#toFxo = new Uint8Array(AUDIO_BLOCK_OCTETS).fill(0xd5);
    this.#toFxs = this.#toFxo.slice();
    fxo.setBattery(0, 'normal');
  }

  run(milliseconds: number): void {
    for (const until = this.now + milliseconds; this.now < until; this.now += 5) {
      this.#fxo.handleTime(this.now);
      this.#simulation.handleTime(this.now);
      this.#fxs.handleTime(this.now);
      this.#carrySignals();
      if (this.now % 20 === 0) this.#carryAudio();
      this.told.take(this.#fxo, (call, octets) => {
        this.heard.push(octets.slice());
        const block = this.say();
        if (block !== undefined) this.#fxo.write(call, block);
      });
      for (let event = this.#simulation.poll(this.now); event !== undefined; event = this.#simulation.poll(this.now)) {
        this.seen.push(event);
      }
    }
  }

  #carrySignals(): void {
    for (let signal = this.#fxs.takeSignal(); signal !== undefined; signal = this.#fxs.takeSignal()) {
      if (signal.kind === 'battery') {
        this.battery = signal.battery;
        this.#fxo.setBattery(this.now, signal.battery);
      } else {
        this.ringing = signal.on;
        this.#fxo.setRinging(this.now, signal.on);
      }
    }
    for (let signal = this.#fxo.takeSignal(); signal !== undefined; signal = this.#fxo.takeSignal()) {
      this.#fxs.setLoop(this.now, signal.closed);
    }
  }

  #carryAudio(): void {
    const [forFxo, forFxs] = [this.#toFxo, this.#toFxs];
    this.#toFxo = new Uint8Array(AUDIO_BLOCK_OCTETS);
    this.#toFxs = new Uint8Array(AUDIO_BLOCK_OCTETS);
    this.#fxo.exchangeAudio(this.now, forFxo, this.#toFxs);
    this.#fxs.exchangeAudio(this.now, forFxs, this.#toFxo);
  }
}
