import type { EventKind } from '@trustline/evidence';

/** What the gate says of requests that it has not let in. */
export const turnedAway: ReadonlySet<EventKind> = new Set([
  'authentication-failed',
  'registration-refused',
  'request-refused',
] satisfies EventKind[]);

/** So many failures within the interval are no mistake of somebody who types. */
export const suspiciousFailures = 20;
/** In which they are counted, in milliseconds. */
const interval = 60_000;
/** An address is spoken of again after this, in milliseconds, if it goes on. */
const silence = 600_000;
/** Addresses that are watched at once: a flood from ever new ones pushes the oldest out, and costs no more memory. */
export const mostWatched = 1_000;

interface Watched {
  since: number;
  failures: number;
  saidAt: number;
}

/** Somebody at one address who tries one thing after the other. */
export interface Scan {
  readonly host: string;
  readonly failures: number;
  readonly seconds: number;
}

/**
 * Tells whoever tries names, passwords and lines one after the other from people who mistype: by the number of requests
 * from one address that the gate has turned away. Pure; the time is monotonic milliseconds.
 */
export class ScanWatch {
  /** By host, the one that failed longest ago first. */
  readonly #watched = new Map<string, Watched>();

  get size(): number {
    return this.#watched.size;
  }

  /** A request from there was turned away; returns what is to be said of it, once in a while. */
  failed(now: number, host: string): Scan | undefined {
    const known = this.#watched.get(host);
    this.#watched.delete(host);
    const isOver = known !== undefined && now - known.since > interval;
    const watched: Watched = known ?? { since: now, failures: 0, saidAt: Number.NEGATIVE_INFINITY };
    if (isOver) {
      watched.since = now;
      watched.failures = 0;
    }
    watched.failures += 1;
    this.#watched.set(host, watched);
    if (this.#watched.size > mostWatched)
      for (const oldest of this.#watched.keys()) {
        this.#watched.delete(oldest);
        break;
      }
    if (watched.failures < suspiciousFailures || now - watched.saidAt < silence) return undefined;
    watched.saidAt = now;
    const seconds = Math.max(1, Math.round((now - watched.since) / 1_000));
    return { host, failures: watched.failures, seconds };
  }
}

/** A scan in words, for an event. */
export function aboutScan({ failures, host, seconds }: Scan) {
  return {
    cause: `${failures} requests from ${host} were turned away in ${seconds} s`,
    nextStep: 'Block this address at the firewall if it is none of yours; nothing that it tried was let in.',
    reason: 'turned-away',
    remoteAddress: host,
  };
}
