import { createHmac } from 'node:crypto';
import { hexadecimal } from '@trustline/base';
import { sameSecret } from './algorithm.ts';

/** Nonces whose counts are remembered. */
const MAXIMUM_NONCES = 50_000;

/** Counts this far below the highest may still come, for UDP reorders. */
const COUNT_WINDOW = 32;

interface Usage {
  readonly issuedAt: number;
  highest: number;
  /** Bit n: the count `highest - n` has been seen. */
  seen: number;
}

export type NonceVerdict =
  | 'fresh'
  /** Not made by us, or altered. */
  | 'foreign'
  /** Too old, or so long unused that its counts were forgotten: a new one is asked for, not a password. */
  | 'stale'
  /** This count has been used. */
  | 'replayed';

/**
 * Nonces that need no memory until they are used: the time, randomness and an HMAC over both
 * (RFC 7616 §3.3), and a table of the counts used with each.
 */
export class Nonces {
  readonly #secret: Uint8Array;
  readonly #random: (length: number) => Uint8Array;
  readonly #lifetime: number;
  readonly #maximum: number;
  /** In the order of first use. */
  readonly #used = new Map<string, Usage>();
  /** Nonces up to this age that are not in the table may have been dropped from it. */
  #forgottenUpTo = Number.NEGATIVE_INFINITY;

  constructor(options: {
    readonly secret: Uint8Array;
    readonly random: (length: number) => Uint8Array;
    readonly lifetime: number;
    readonly maximum?: number;
  }) {
    this.#secret = options.secret;
    this.#random = options.random;
    this.#lifetime = options.lifetime;
    this.#maximum = options.maximum ?? MAXIMUM_NONCES;
  }

  get size(): number {
    return this.#used.size;
  }

  issue(now: number, realm: string): string {
    const unique = hexadecimal(this.#random(8));
    const stem = `${Math.floor(now).toString(36)}.${unique}`;
    return `${stem}.${this.#seal(stem, realm)}`;
  }

  /** Judges a nonce and a count without taking note of them. */
  judge(now: number, realm: string, nonce: string, count: number): NonceVerdict {
    const end = nonce.lastIndexOf('.');
    const stem = nonce.slice(0, Math.max(end, 0));
    if (end < 0 || !sameSecret(nonce.slice(end + 1), this.#seal(stem, realm))) return 'foreign';
    const issuedAt = issueTime(nonce);
    if (now - issuedAt > this.#lifetime) return 'stale';
    const usage = this.#used.get(nonce);
    // A nonce that was dropped from the table could be replayed: it is stale, never new.
    if (usage === undefined) return issuedAt <= this.#forgottenUpTo ? 'stale' : 'fresh';
    if (count > usage.highest) return 'fresh';
    const age = usage.highest - count;
    if (age >= COUNT_WINDOW) return 'replayed';
    return ((usage.seen >>> age) & 1) === 1 ? 'replayed' : 'fresh';
  }

  /** Takes note of a count, after the response has been found right. */
  use(now: number, nonce: string, count: number): void {
    const usage = this.#used.get(nonce);
    if (usage === undefined) {
      this.#makeRoom(now);
      this.#used.set(nonce, { issuedAt: issueTime(nonce), highest: count, seen: 1 });
    } else if (count > usage.highest) {
      const step = count - usage.highest;
      usage.seen = step >= COUNT_WINDOW ? 1 : ((usage.seen << step) | 1) >>> 0;
      usage.highest = count;
    } else usage.seen = (usage.seen | (1 << (usage.highest - count))) >>> 0;
  }

  #makeRoom(now: number): void {
    for (const [nonce, { issuedAt }] of this.#used) {
      const expired = now - issuedAt > this.#lifetime;
      if (!expired && this.#used.size < this.#maximum) return;
      this.#used.delete(nonce);
      if (!expired) this.#forgottenUpTo = Math.max(this.#forgottenUpTo, issuedAt);
    }
  }

  /** 128 bits over everything that may not be changed. */
  #seal(stem: string, realm: string): string {
    return createHmac('sha256', this.#secret).update(`${realm}\0${stem}`).digest('hex').slice(0, 32);
  }
}

function issueTime(nonce: string): number {
  return Number.parseInt(nonce.slice(0, nonce.indexOf('.')), 36);
}
