import type { ClearPackets, GuardReading } from '../proof.ts';

/** Milliseconds in which dropped packets of a gateway are told once, so that who sends many fills no journal. */
export const CLEAR_PACKETS_PAUSE_MS = 60_000;

export type GuardEvent =
  | { readonly kind: 'ipsec-guard-lost'; readonly problem: string }
  | { readonly kind: 'ipsec-guard-restored' }
  /** Packets that were dropped since this was last told of the gateway. */
  | { readonly kind: 'ipsec-clear-packets'; readonly connection: string; readonly dropped: ClearPackets };

/** What changed between one look at the guard and the next. */
export class GuardWatch {
  #inPlace: boolean | undefined;
  readonly #told = new Map<string, { readonly at: number; readonly dropped: ClearPackets }>();

  /** Whether it was in place when it was last looked at. */
  get inPlace(): boolean {
    return this.#inPlace === true;
  }

  /** Takes one look; gives back what is to be told of it. A guard that is in place at the first look is no news. */
  observe(now: number, reading: GuardReading): readonly GuardEvent[] {
    const before = this.#inPlace;
    this.#inPlace = reading.inPlace;
    if (!reading.inPlace) return before === false ? [] : [{ kind: 'ipsec-guard-lost', problem: reading.problem }];
    const restored: readonly GuardEvent[] = before === false ? [{ kind: 'ipsec-guard-restored' }] : [];
    return [
      ...restored,
      ...[...reading.dropped].flatMap(([connection, dropped]) => this.#clearPackets(now, connection, dropped)),
    ];
  }

  #clearPackets(now: number, connection: string, dropped: ClearPackets): readonly GuardEvent[] {
    const told = this.#told.get(connection);
    // What was dropped before we looked first is not news of now; counters that went back began anew.
    const isNew = told === undefined;
    const wentBack = !isNew && (dropped.inbound < told.dropped.inbound || dropped.outbound < told.dropped.outbound);
    if (isNew || wentBack) {
      this.#told.set(connection, { at: told?.at ?? Number.NEGATIVE_INFINITY, dropped });
      return [];
    }
    const [inbound, outbound] = [dropped.inbound - told.dropped.inbound, dropped.outbound - told.dropped.outbound];
    if (inbound + outbound === 0 || now - told.at < CLEAR_PACKETS_PAUSE_MS) return [];
    this.#told.set(connection, { at: now, dropped });
    return [{ kind: 'ipsec-clear-packets', connection, dropped: { inbound, outbound } }];
  }
}
