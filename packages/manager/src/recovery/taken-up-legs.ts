import type { LegId } from '@trustline/callcontrol';

export interface TakenUpLegsPorts {
  /** Whether a leg can be told something; `over` for one that is not there any more. */
  stateOf(leg: LegId): 'there' | 'away' | 'over';
  /** Asks a phone whether it still has the call; false where it cannot be asked. */
  ask(now: number, leg: LegId): boolean;
}

/** So many are asked at once: after a restart everybody comes back at the same time. */
export const MOST_ASKED_AT_ONCE = 50;
/** Whoever says nothing keeps the others waiting no longer than that, in milliseconds. */
export const ANSWER_PATIENCE = 2_000;

/**
 * Legs of calls that were taken up after a restart, until their phones have been asked whether they still have them. A call is
 * kept before anybody hears that it is answered: where the process died between the two, both phones have given it up.
 * No more than there were legs in the calls that were kept.
 */
export class TakenUpLegs {
  readonly #ports: TakenUpLegsPorts;
  /** Their phones are not back yet. */
  readonly #away = new Set<LegId>();
  /** They wait for their turn, the first first. */
  readonly #due = new Set<LegId>();
  /** Leg that is being asked → since when. */
  readonly #asked = new Map<LegId, number>();

  constructor(ports: TakenUpLegsPorts) {
    this.#ports = ports;
  }

  /** How many have not been asked yet. */
  get waiting(): number {
    return this.#away.size + this.#due.size;
  }

  add(leg: LegId): void {
    this.#away.add(leg);
  }

  /** The phones of these are back, or may be. */
  reached(now: number, legs: Iterable<LegId>): void {
    for (const leg of legs) if (this.#away.delete(leg)) this.#due.add(leg);
    this.#askNext(now);
  }

  /** The same, where it is not known which. */
  someReached(now: number): void {
    this.reached(
      now,
      [...this.#away].filter((leg) => this.#ports.stateOf(leg) === 'there'),
    );
  }

  /** A phone has answered, or its connection was lost before it did: then it is asked again on the next one. */
  answered(now: number, leg: LegId, outcome: 'told' | 'connection-lost'): void {
    this.#asked.delete(leg);
    if (outcome === 'connection-lost') this.#away.add(leg);
    this.#askNext(now);
  }

  /** Once a second, about. */
  handleTime(now: number): void {
    for (const leg of this.#away) if (this.#ports.stateOf(leg) === 'over') this.#away.delete(leg);
    for (const [leg, since] of this.#asked) if (now - since >= ANSWER_PATIENCE) this.#asked.delete(leg);
    this.#askNext(now);
  }

  #askNext(now: number): void {
    for (const leg of this.#due) {
      if (this.#asked.size >= MOST_ASKED_AT_ONCE) return;
      this.#due.delete(leg);
      const state = this.#ports.stateOf(leg);
      if (state === 'away') this.#away.add(leg);
      else if (state === 'there' && this.#ports.ask(now, leg)) this.#asked.set(leg, now);
    }
  }
}
