import type { SimulatedNetworkEvent, SimulatedPublicNetwork } from '../simulated-network/simulated-network.ts';
import type { VoicePort, VoicePortEvent } from '../voice-port.ts';
import type { FxoPort } from './fxo-port.ts';
import type { FxsPort } from './fxs-port.ts';
import { TwoWireLine } from './two-wire-line.ts';

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
export class SimulatedLine {
  now = 0;
  readonly told = new Told();
  readonly seen: SimulatedNetworkEvent[] = [];
  /** What our side says and hears in the calls of the FXO port. */
  say: () => Uint8Array | undefined = () => undefined;
  readonly heard: Uint8Array[] = [];
  readonly #fxo: FxoPort;
  readonly #fxs: FxsPort;
  readonly #simulation: SimulatedPublicNetwork;
  readonly #line: TwoWireLine;

  constructor(fxo: FxoPort, fxs: FxsPort, simulation: SimulatedPublicNetwork) {
    this.#fxo = fxo;
    this.#fxs = fxs;
    this.#simulation = simulation;
    this.#line = new TwoWireLine(0, fxs, fxo);
  }

  run(milliseconds: number): void {
    for (const until = this.now + milliseconds; this.now < until; this.now += 5) {
      this.#fxo.handleTime(this.now);
      this.#simulation.handleTime(this.now);
      this.#fxs.handleTime(this.now);
      this.#line.carrySignals(this.now);
      if (this.now % 20 === 0) this.#line.exchangeAudio(this.now);
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
}
