import { keyFingerprints } from './keys.ts';
import { isActive, type MediaDescription } from './media.ts';

/** Master keys of ended calls remembered at most; each costs two short strings. Keys of running calls are all kept. */
export const mostKeysRemembered = 200_000;
/** How long a key is remembered after its call, in milliseconds: a day. */
export const keyMemory = 24 * 60 * 60 * 1000;
/** Fewer are not worth moving the others up. */
const forgottenAtOnce = 1_024;
/** Master keys in one description at most; a phone offers fewer than ten. */
export const mostKeysOfDescription = 64;

/** Whether the keys of a description may be carried across, or why not. */
export type KeyClaim = 'granted' | 'reused' | 'too-many';

/**
 * Which leg made which master key. Two senders with one key would use one keystream twice (RFC 3711 §9.1), so a key
 * belongs to the leg that offered it first, for the whole of its call; afterwards to nobody for {@link keyMemory}.
 * In memory alone: a restart forgets, and a key of a call before it is not recognised.
 */
export class KeyTable {
  /** Fingerprint → the leg that sends with the key. */
  readonly #running = new Map<string, string>();
  readonly #ofCall = new Map<string, Set<string>>();
  /** Fingerprints of keys whose call is over. */
  readonly #ended = new Set<string>();
  /** The same from `#oldest` on, in the order of their ends: a set that is emptied from its front takes long to be gone through. */
  #endings: { readonly fingerprint: string; readonly at: number }[] = [];
  #oldest = 0;

  get size(): number {
    return this.#running.size + this.#ended.size;
  }

  /**
   * Takes the keys of a description for the leg that made it, or none of them when one belongs elsewhere. Keys that
   * the leg has already are its own to use again.
   */
  claim(now: number, call: string, leg: string, description: MediaDescription): KeyClaim {
    const fingerprints = description.streams
      .filter(isActive)
      .flatMap((stream) => stream.keys)
      .flatMap(keyFingerprints);
    if (fingerprints.length > mostKeysOfDescription) return 'too-many';
    this.#forget(now);
    for (const fingerprint of fingerprints) {
      if (this.#ended.has(fingerprint) || (this.#running.get(fingerprint) ?? leg) !== leg) return 'reused';
    }
    const ofCall = this.#ofCall.get(call) ?? new Set();
    for (const fingerprint of fingerprints) {
      this.#running.set(fingerprint, leg);
      ofCall.add(fingerprint);
    }
    if (ofCall.size > 0) this.#ofCall.set(call, ofCall);
    return 'granted';
  }

  /** A leg goes on in another call, with its keys. */
  move(leg: string, from: string, to: string): void {
    const left = this.#ofCall.get(from) ?? new Set();
    const moved = [...left].filter((fingerprint) => this.#running.get(fingerprint) === leg);
    if (moved.length === 0) return;
    for (const fingerprint of moved) left.delete(fingerprint);
    if (left.size === 0) this.#ofCall.delete(from);
    this.#ofCall.set(to, new Set([...(this.#ofCall.get(to) ?? []), ...moved]));
  }

  /** The call is over: its keys are nobody's from now on. */
  end(now: number, call: string): void {
    for (const fingerprint of this.#ofCall.get(call) ?? []) {
      this.#running.delete(fingerprint);
      if (this.#ended.has(fingerprint)) continue;
      this.#ended.add(fingerprint);
      this.#endings.push({ fingerprint, at: now });
    }
    this.#ofCall.delete(call);
    this.#forget(now);
  }

  #forget(now: number): void {
    for (let first = this.#endings[this.#oldest]; first !== undefined; first = this.#endings[this.#oldest]) {
      if (first.at + keyMemory > now && this.#ended.size <= mostKeysRemembered) break;
      this.#ended.delete(first.fingerprint);
      this.#oldest += 1;
    }
    if (this.#oldest > forgottenAtOnce && 2 * this.#oldest > this.#endings.length) {
      this.#endings = this.#endings.slice(this.#oldest);
      this.#oldest = 0;
    }
  }
}
