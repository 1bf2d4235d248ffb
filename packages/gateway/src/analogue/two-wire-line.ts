import { AUDIO_BLOCK_OCTETS } from '../voice-port.ts';
import type { FxoPort } from './fxo-port.ts';
import type { FxsPort } from './fxs-port.ts';

/** The wire between an exchange's port and a subscriber's, both of one law: what each does, the other sees. */
export class TwoWireLine {
  readonly #office: FxsPort;
  readonly #station: FxoPort;
  #toStation: Uint8Array;
  #toOffice: Uint8Array;

  constructor(now: number, office: FxsPort, station: FxoPort) {
    this.#office = office;
    this.#station = station;
    const silence = office.law === 'A' ? 0xd5 : 0xff;
    this.#toStation = new Uint8Array(AUDIO_BLOCK_OCTETS).fill(silence);
    this.#toOffice = new Uint8Array(AUDIO_BLOCK_OCTETS).fill(silence);
    station.setBattery(now, 'normal');
  }

  /** Battery, ringing and loop: after every command to either port, and after its timers. */
  carrySignals(now: number): void {
    for (let signal = this.#office.takeSignal(); signal !== undefined; signal = this.#office.takeSignal()) {
      if (signal.kind === 'battery') this.#station.setBattery(now, signal.battery);
      else this.#station.setRinging(now, signal.on);
    }
    for (let signal = this.#station.takeSignal(); signal !== undefined; signal = this.#station.takeSignal()) {
      this.#office.setLoop(now, signal.closed);
    }
  }

  /** Every 20 ms: what was said last is heard. */
  exchangeAudio(now: number): void {
    const [forStation, forOffice] = [this.#toStation, this.#toOffice];
    this.#toStation = new Uint8Array(AUDIO_BLOCK_OCTETS);
    this.#toOffice = new Uint8Array(AUDIO_BLOCK_OCTETS);
    this.#station.exchangeAudio(now, forStation, this.#toOffice);
    this.#office.exchangeAudio(now, forOffice, this.#toStation);
  }
}
