import type { EventKind } from '@trustline/evidence';
import { RateLimit } from './rate-limit.ts';

/** What anybody who reaches a port can cause as often as he likes (`StrangerEvents` sums some of it up before). What calls and operators do is always written. */
const floodable: ReadonlySet<EventKind> = new Set<EventKind>([
  'authentication-failed',
  'connection-closed',
  'enrolment-refused',
  'file-not-delivered',
  'file-refused',
  'handshake-refused',
  'malformed-input',
  'registration-refused',
  'request-refused',
  'trust-not-vouched',
  'trust-vouched',
]);

/** Events of one such kind that are written at once, and then in a second: an attack must not fill the disk. */
const burst = 500;
const perSecond = 10;

interface Flood {
  readonly rate: RateLimit;
  unsaid: number;
}

/** Holds back what of a flood of events says nothing new, and counts it. Pure; the time is monotonic milliseconds. */
export class EventThrottle {
  readonly #floods = new Map<EventKind, Flood>();

  /** The event to write, with how many before it were not; undefined when this one is not written either. */
  admit<Event extends { readonly kind: EventKind; readonly cause: string }>(
    now: number,
    event: Event,
  ): Event | undefined {
    if (!floodable.has(event.kind)) return event;
    const flood = this.#floods.get(event.kind) ?? { rate: new RateLimit(perSecond, burst), unsaid: 0 };
    this.#floods.set(event.kind, flood);
    if (!flood.rate.take(now)) {
      flood.unsaid += 1;
      return undefined;
    }
    const { unsaid } = flood;
    flood.unsaid = 0;
    return unsaid === 0
      ? event
      : { ...event, cause: `${event.cause} (${unsaid} more events of this kind were not written)` };
  }
}
