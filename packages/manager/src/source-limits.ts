import { RateLimit } from './rate-limit.ts';

/** Sources that have a bucket of their own at once: a flood from ever new ones pushes the oldest out, and costs no more memory. */
export const mostSources = 10_000;

/**
 * How much of those who have not proved who they are is looked at: so much of each source, and so much of all together.
 * A source that was pushed out begins with a full bucket again, within what all may. Pure; the time is monotonic milliseconds.
 */
export class SourceLimits {
  readonly #perSource: number;
  readonly #total: RateLimit;
  /** By source, the one that was heard longest ago first. */
  readonly #sources = new Map<string, RateLimit>();

  /** @param perSource, total how many a second, with a second's worth at once */
  constructor(perSource: number, total: number) {
    this.#perSource = perSource;
    this.#total = new RateLimit(total);
  }

  get size(): number {
    return this.#sources.size;
  }

  /** Takes one of this host; what is too much of one source takes nothing from the others. */
  take(now: number, host: string): boolean {
    const source = sourceOf(host);
    const limit = this.#sources.get(source) ?? new RateLimit(this.#perSource);
    keepNewest(this.#sources, source, limit, mostSources);
    return limit.take(now) && this.#total.take(now);
  }
}

/** Puts an entry last, and drops the first where there are more than `most`. */
export function keepNewest<Value>(entries: Map<string, Value>, key: string, value: Value, most: number): void {
  entries.delete(key);
  entries.set(key, value);
  if (entries.size <= most) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}

/**
 * Whom an address counts as: an IPv4 address itself, also where it is written as IPv6 (RFC 4291 §2.5.5.2); of an IPv6
 * address the prefix of 64 bits, within which a host takes as many addresses as it likes (RFC 4291 §2.5.1, RFC 8981).
 */
export function sourceOf(host: string): string {
  if (!host.includes(':')) return host;
  const [address = ''] = host.toLowerCase().split('%');
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/.exec(address)?.groups?.['ipv4'];
  if (mapped !== undefined) return mapped;
  const [before = '', after] = address.split('::');
  const front = before === '' ? [] : before.split(':');
  if (front.length < 4 && after !== undefined) {
    const back = after === '' ? [] : after.split(':');
    // An IPv4 address at the end stands for two groups.
    const written = front.length + back.length + (after.includes('.') ? 1 : 0);
    for (let missing = 8 - written; missing > 0; missing -= 1) front.push('0');
    front.push(...back);
  }
  const groups = front.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}
