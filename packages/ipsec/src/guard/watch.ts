import type { ClearPackets, GuardReading } from '../proof.ts';

/** Milliseconds in which dropped packets of a gateway are told once, so that who sends many fills no journal. */
export const CLEAR_PACKETS_PAUSE_MS = 60_000;

export type GuardEvent =
  | {
      readonly kind: 'ipsec-guard-lost';
      readonly problem: string;
      /** How often it was lost since this was told last: more than once only where it was put back each time. */
      readonly times: number;
      /** When it was found so, milliseconds since 1970; absent where it still is. */
      readonly at?: number;
    }
  | { readonly kind: 'ipsec-guard-restored' }
  /** Packets that were dropped since this was last told of the gateway. Those out were ours: calls are refused for them. */
  | { readonly kind: 'ipsec-clear-packets'; readonly connection: string; readonly dropped: ClearPackets };

type Direction = keyof ClearPackets;
const directions: readonly Direction[] = ['inbound', 'outbound'];

interface Told {
  readonly dropped: ClearPackets;
  /** When packets of each direction were told; each has its own pause, so that strangers hide no leak of ours. */
  readonly at: ClearPackets;
}

/**
 * What changed between one look at the guard and the next. A guard that was gone and put back between two looks is told by
 * the count of repairs, so that no loss is missed for being short.
 */
export class GuardWatch {
  #inPlace: boolean | undefined;
  #repairs = 0;
  readonly #told = new Map<string, Told>();

  /** Whether it was in place when it was last looked at. */
  get inPlace(): boolean {
    return this.#inPlace === true;
  }

  /** Takes one look; gives back what is to be told of it. A guard that is in place at the first look is no news. */
  observe(now: number, reading: GuardReading): readonly GuardEvent[] {
    const changes = this.#changes(reading);
    if (!reading.inPlace) return changes;
    const clear = [...reading.dropped].flatMap(([connection, dropped]) => this.#clearPackets(now, connection, dropped));
    return [...changes, ...clear];
  }

  #changes(reading: GuardReading): readonly GuardEvent[] {
    const before = this.#inPlace;
    const repaired = this.#repaired(reading);
    this.#inPlace = reading.inPlace;
    if (!reading.inPlace) {
      return before === false ? [] : [{ kind: 'ipsec-guard-lost', problem: reading.problem, times: 1 }];
    }
    if (before === false) return [{ kind: 'ipsec-guard-restored' }];
    // What was repaired before we looked first is not news of now.
    if (before === undefined || reading.repairs === undefined || repaired === 0) return [];
    const { problem, at } = reading.repairs;
    return [{ kind: 'ipsec-guard-lost', problem, times: repaired, at }, { kind: 'ipsec-guard-restored' }];
  }

  /** Repairs since the look before. */
  #repaired({ inPlace, repairs }: GuardReading): number {
    // Of a guard that cannot be read nobody says how often; whoever keeps it and was started anew counts from nothing.
    if (repairs === undefined && !inPlace) return 0;
    const count = repairs?.count ?? 0;
    const repaired = count < this.#repairs ? count : count - this.#repairs;
    this.#repairs = count;
    return repaired;
  }

  #clearPackets(now: number, connection: string, dropped: ClearPackets): readonly GuardEvent[] {
    const told = this.#told.get(connection);
    // What was dropped before we looked first is not news of now; counters that went back began anew.
    if (told === undefined || directions.some((one) => dropped[one] < told.dropped[one])) {
      const never = Number.NEGATIVE_INFINITY;
      this.#told.set(connection, { at: told?.at ?? { inbound: never, outbound: never }, dropped });
      return [];
    }
    const grown = (one: Direction) => dropped[one] - told.dropped[one];
    if (!directions.some((one) => grown(one) > 0 && now - told.at[one] >= CLEAR_PACKETS_PAUSE_MS)) return [];
    const at = (one: Direction) => (grown(one) > 0 ? now : told.at[one]);
    this.#told.set(connection, { at: { inbound: at('inbound'), outbound: at('outbound') }, dropped });
    return [
      {
        kind: 'ipsec-clear-packets',
        connection,
        dropped: { inbound: grown('inbound'), outbound: grown('outbound') },
      },
    ];
  }
}
