/** A connection that was closed before its far end had proved who it is. */
export interface StrangerClosure {
  /** One sentence for the operator. */
  readonly cause: string;
  /** A code of ours, of which there are few. */
  readonly reason: string;
  /** Host and port. Absent in a sum of closures from several hosts. */
  readonly remoteAddress?: string;
}

interface Flood {
  since: number;
  /** Closures since then that were not written. */
  count: number;
  last: StrangerClosure;
  /** Where all of them came from; undefined once there were several hosts. */
  host: string | undefined;
}

/** What is summed up in one event, in milliseconds. */
const interval = 10_000;

/**
 * Connections that strangers open and lose cost them nothing, and an event for each would fill the log: the first is
 * written at once, what follows within ten seconds as one event with its number, until ten seconds were quiet. Each
 * reason is counted by itself. Pure; the time is monotonic milliseconds.
 */
export class ClosedStrangers {
  readonly #floods = new Map<string, Flood>();

  /** The closure where it is to be written now; undefined where it is counted. */
  admit(now: number, closure: StrangerClosure): StrangerClosure | undefined {
    const flood = this.#floods.get(closure.reason);
    const host = hostOf(closure);
    if (flood === undefined) {
      this.#floods.set(closure.reason, { since: now, count: 0, last: closure, host });
      return closure;
    }
    flood.host = flood.count === 0 || flood.host === host ? host : undefined;
    flood.count += 1;
    flood.last = closure;
    return undefined;
  }

  /** The sums that are to be written now; to be asked every second or so. */
  due(now: number): readonly StrangerClosure[] {
    const sums: StrangerClosure[] = [];
    for (const [reason, flood] of this.#floods) {
      if (now - flood.since < interval) continue;
      if (flood.count === 0) this.#floods.delete(reason);
      else sums.push(sumOf(now, flood));
      flood.since = now;
      flood.count = 0;
    }
    return sums;
  }

  /** What was counted and not written yet, when all ends. */
  rest(now: number): readonly StrangerClosure[] {
    const sums = [...this.#floods.values()].filter(({ count }) => count > 0).map((flood) => sumOf(now, flood));
    this.#floods.clear();
    return sums;
  }
}

function sumOf(now: number, { since, count, last, host }: Flood): StrangerClosure {
  if (count === 1) return last;
  const seconds = Math.max(1, Math.round((now - since) / 1_000));
  const whence = host === undefined ? 'from several hosts' : `all from ${host}`;
  const { cause, reason, remoteAddress } = last;
  return {
    cause: `${cause} (${count} such connections in ${seconds} s, ${whence})`,
    reason,
    ...(host === undefined || remoteAddress === undefined ? {} : { remoteAddress }),
  };
}

/** Without the port, which is another one for each connection. */
function hostOf({ remoteAddress = '' }: StrangerClosure): string {
  return remoteAddress.slice(0, Math.max(0, remoteAddress.lastIndexOf(':')));
}
