import type { MediaKey } from '@trustline/callcontrol';
import { fingerprintOf } from './stream-choice.ts';

/**
 * A Skinny phone makes no keys: both its keys are the manager's to choose. So when one Skinny phone opens its channel before
 * the other end has said what it sends with, it opens it with a key that it wishes for, noted here beside its own. If
 * the other end is a Skinny phone too, it sends with what is wished, and no channel is opened twice; any other end makes
 * its own key, and the channel is opened again with that.
 */
export class PairedKeys {
  /** Fingerprint of a key that a Skinny phone sends with, or is to → what it would be sent with. */
  readonly #wishes = new Map<string, MediaKey | undefined>();

  /** Keys that are tables' worth of memory; all gone once no leg is left. */
  get size(): number {
    return this.#wishes.size;
  }

  /** A Skinny phone is to send with one of these. */
  add(own: readonly MediaKey[]): void {
    for (const key of own) this.#wishes.set(nameOf(key), undefined);
  }

  /** Whoever is told one of these is wished to send with `wished`. */
  wish(own: readonly MediaKey[], wished: MediaKey): void {
    for (const key of own) this.#wishes.set(nameOf(key), wished);
  }

  /** Whether a Skinny phone sends with this key. */
  isOfPhone(key: MediaKey | undefined): boolean {
    return key !== undefined && this.#wishes.has(nameOf(key));
  }

  /** The wish of whoever sends with this key, once, if it is under the same suite: a key is for one partner alone. */
  take(key: MediaKey): MediaKey | undefined {
    const wished = this.#wishes.get(nameOf(key));
    if (wished === undefined || wished.suite?.name !== key.suite?.name) return undefined;
    this.#wishes.set(nameOf(key), undefined);
    return wished;
  }

  /** No phone sends with these any more. */
  remove(own: readonly MediaKey[]): void {
    for (const key of own) this.#wishes.delete(nameOf(key));
  }
}

function nameOf(key: MediaKey): string {
  return fingerprintOf(key) ?? '';
}
