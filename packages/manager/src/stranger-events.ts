import { hostOf } from './legs/sip/authority.ts';

/** What strangers cause and is summed up, and what their number is a number of. */
const counted = {
  'connection-closed': 'connections',
  'handshake-refused': 'connections',
  'file-refused': 'requests',
  'file-not-delivered': 'requests',
} as const;

/** Caused by somebody who has not proved who it is. */
export interface StrangerEvent {
  readonly kind: keyof typeof counted;
  /** One sentence for the operator. */
  readonly cause: string;
  /** A code of ours, of which there are few. */
  readonly reason: string;
  /** Host and port, or the host alone. Absent in a sum of what several hosts caused. */
  readonly remoteAddress?: string;
  /** The device that was named, by whoever it was. Absent in a sum where it was not the same in each. */
  readonly device?: string;
}

interface Flood {
  since: number;
  /** Events since then that were not written. */
  count: number;
  last: StrangerEvent;
  /** What all of them had in common; undefined once they differed. */
  host: string | undefined;
  device: string | undefined;
}

/** What is summed up in one event, in milliseconds. */
const interval = 10_000;

/**
 * Connections that strangers open and lose, and files that they ask for and do not get, cost them nothing, and an event
 * for each would fill the log: the first is written at once, what follows within ten seconds as one event with its number,
 * until ten seconds were quiet. Each kind is counted by itself, and of it each reason: these are few, whereas addresses
 * and names of devices are as many as a stranger likes. Pure; the time is monotonic milliseconds.
 */
export class StrangerEvents {
  readonly #floods = new Map<string, Flood>();

  /** The event where it is to be written now; undefined where it is counted. */
  admit(now: number, event: StrangerEvent): StrangerEvent | undefined {
    const key = `${event.kind} ${event.reason}`;
    const flood = this.#floods.get(key);
    // The port is another one for each connection.
    const host = hostOf(event.remoteAddress ?? '');
    const { device } = event;
    if (flood === undefined) {
      this.#floods.set(key, { since: now, count: 0, last: event, host, device });
      return event;
    }
    const isFirst = flood.count === 0;
    flood.host = isFirst || flood.host === host ? host : undefined;
    flood.device = isFirst || flood.device === device ? device : undefined;
    flood.count += 1;
    flood.last = event;
    return undefined;
  }

  /** The sums that are to be written now; to be asked every second or so. */
  due(now: number): readonly StrangerEvent[] {
    const sums: StrangerEvent[] = [];
    for (const [key, flood] of this.#floods) {
      if (now - flood.since < interval) continue;
      if (flood.count === 0) this.#floods.delete(key);
      else sums.push(sumOf(now, flood));
      flood.since = now;
      flood.count = 0;
    }
    return sums;
  }

  /** What was counted and not written yet, when all ends. */
  rest(now: number): readonly StrangerEvent[] {
    const sums = [...this.#floods.values()].filter(({ count }) => count > 0).map((flood) => sumOf(now, flood));
    this.#floods.clear();
    return sums;
  }
}

function sumOf(now: number, { since, count, last, host, device }: Flood): StrangerEvent {
  if (count === 1) return last;
  const seconds = Math.max(1, Math.round((now - since) / 1_000));
  const whence = host === undefined ? 'from several hosts' : `all from ${host}`;
  const { kind, cause, reason, remoteAddress } = last;
  return {
    kind,
    cause: `${cause} (${count} such ${counted[kind]} in ${seconds} s, ${whence})`,
    reason,
    ...(host === undefined || remoteAddress === undefined ? {} : { remoteAddress }),
    ...(device === undefined ? {} : { device }),
  };
}
