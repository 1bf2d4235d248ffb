import type { CallLeg } from '../model/leg.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { StreamFacts } from './stream-facts.ts';

/** Media goes on for a moment after a leg has ended (microseconds). */
const AFTER_THE_END = 3_000_000;

/** Signalling that was not wholly read, by the hosts that took part in it: it may describe media of which nothing is known. */
export class CutSignalling {
  readonly #byHost = new Map<string, CallLeg[]>();

  constructor(legs: readonly CallLeg[]) {
    for (const leg of legs) {
      if (leg.cut === undefined) continue;
      const hosts = new Set(leg.messages.flatMap(({ path: { from, to } }) => [from.address, to.address]));
      for (const host of hosts) {
        const known = this.#byHost.get(host);
        if (known === undefined) this.#byHost.set(host, [leg]);
        else known.push(leg);
      }
    }
  }

  /** A message that was not wholly read of a leg that an end of the media took part in, at that time. */
  beside(streams: readonly StreamFacts[]): PacketPlace | undefined {
    for (const { source, destination, first, last } of streams) {
      for (const { address } of [source, destination]) {
        const leg = this.#byHost.get(address)?.find((one) => {
          const end = one.ended === undefined ? Number.POSITIVE_INFINITY : one.ended.microseconds + AFTER_THE_END;
          return one.first.microseconds <= last.microseconds && first.microseconds <= end;
        });
        if (leg !== undefined) return leg.cut;
      }
    }
    return undefined;
  }
}
