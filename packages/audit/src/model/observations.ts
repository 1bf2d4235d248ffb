import { StrayKeys } from '../keys/stray-keys.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { Disclosure } from './disclosure.ts';
import { CallLeg, type MediaDescription, type SignallingProtocol } from './leg.ts';

export interface ObservationLimits {
  readonly legs: number;
  readonly disclosures: number;
}

export const defaultObservationLimits: ObservationLimits = { legs: 100_000, disclosures: 20_000 };

/** Told of a description as soon as it is read: media waits for keys and codecs. */
export type DescriptionListener = (leg: CallLeg, description: MediaDescription) => void;

/** What the readers of protocols have seen, in one book. */
export class Observations {
  readonly strayKeys: StrayKeys = new StrayKeys();
  readonly #legs = new Map<string, CallLeg>();
  readonly #disclosures: Disclosure[] = [];
  readonly #limits: ObservationLimits;
  readonly #listeners: DescriptionListener[] = [];
  legsNotKept = 0;
  disclosuresNotKept = 0;

  constructor(limits: ObservationLimits = defaultObservationLimits) {
    this.#limits = limits;
  }

  onDescription(listener: DescriptionListener): void {
    this.#listeners.push(listener);
  }

  /** The leg of that identity, made where there is none; undefined where there are too many. */
  leg(protocol: SignallingProtocol, identity: string, place: PacketPlace): CallLeg | undefined {
    const key = `${protocol} ${identity}`;
    const known = this.#legs.get(key);
    if (known !== undefined) return known;
    if (this.#legs.size >= this.#limits.legs) {
      this.legsNotKept++;
      return undefined;
    }
    const leg = new CallLeg(protocol, identity, place);
    this.#legs.set(key, leg);
    return leg;
  }

  /** The leg of that identity, if there is one. */
  known(protocol: SignallingProtocol, identity: string): CallLeg | undefined {
    return this.#legs.get(`${protocol} ${identity}`);
  }

  describe(leg: CallLeg, description: MediaDescription): void {
    leg.describe(description);
    this.strayKeys.explain(description.keys);
    for (const listener of this.#listeners) listener(leg, description);
  }

  disclose(disclosure: Disclosure): void {
    if (this.#disclosures.length < this.#limits.disclosures) this.#disclosures.push(disclosure);
    else this.disclosuresNotKept++;
  }

  /** In the order of their first messages. */
  legs(): readonly CallLeg[] {
    return [...this.#legs.values()];
  }

  disclosures(): readonly Disclosure[] {
    return this.#disclosures;
  }
}
