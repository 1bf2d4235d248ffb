import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How badly the network behaves. */
export interface NetworkConditions {
  /** Share of packets that never arrive, 0 to 1. */
  readonly loss: number;
  /** Share of packets that arrive twice, 0 to 1. */
  readonly duplication: number;
  /** The shortest time on the way, in milliseconds. */
  readonly minimumDelay: number;
  /** The longest time on the way; a spread of delays is what reorders packets. */
  readonly maximumDelay: number;
}

export const perfectConditions: NetworkConditions = { loss: 0, duplication: 0, minimumDelay: 1, maximumDelay: 1 };

/** Carries packets on a virtual clock, losing, repeating, delaying and so reordering them as its seed decides. */
export class LossyNetwork {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  /** May be changed while packets are under way. */
  conditions: NetworkConditions;

  constructor(clock: VirtualClock, random: SeededRandom, conditions: NetworkConditions = perfectConditions) {
    this.#clock = clock;
    this.#random = random;
    this.conditions = conditions;
  }

  /** Takes one packet; `arrive` is called once for each copy that gets through. */
  carry(arrive: () => void): void {
    const copies = this.#random.chance(this.conditions.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (!this.#random.chance(this.conditions.loss)) this.#clock.schedule(this.#delay(), arrive);
    }
  }

  #delay(): number {
    const { minimumDelay, maximumDelay } = this.conditions;
    return minimumDelay + this.#random.next() * (maximumDelay - minimumDelay);
  }
}
