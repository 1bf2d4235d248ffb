import type { TransportAddress } from '@trustline/capture';
import type { MediaKey } from '../model/media-key.ts';
import type { PacketPlace } from '../traffic/place.ts';

/** A master key of SRTP that lay open in octets which told of no call. */
export interface StrayKey {
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly place: PacketPlace;
  /** What it may be: the same secret for each suite of its length, where none was named. */
  readonly keys: readonly MediaKey[];
}

/** Stray keys that are kept, the latest. */
const MOST_STRAY_KEYS = 2_048;
/** Secrets of descriptions that are remembered, in two generations: the same message may be captured again. */
const MOST_EXPLAINED_OF_A_GENERATION = 32_768;

/** Keys that lay open and of which no description tells. */
export class StrayKeys {
  readonly #bySecret = new Map<string, StrayKey>();
  #explained = new Set<string>();
  #explainedBefore = new Set<string>();
  /** Keys that had to make room for later ones. */
  notKept = 0;
  /** Goes up with each that is found. */
  version = 0;

  /** One that was read; the same again, with more said of it, takes the place of the first. */
  found(stray: StrayKey): void {
    const [key] = stray.keys;
    if (key === undefined) return;
    const secret = secretOf(key);
    if (this.#explained.has(secret) || this.#explainedBefore.has(secret)) return;
    const known = this.#bySecret.get(secret);
    if (known !== undefined && (key.mki === undefined || known.keys[0]?.mki !== undefined)) return;
    this.version++;
    this.#bySecret.delete(secret);
    this.#bySecret.set(secret, stray);
    if (this.#bySecret.size <= MOST_STRAY_KEYS) return;
    this.notKept++;
    for (const oldest of this.#bySecret.keys()) {
      this.#bySecret.delete(oldest);
      return;
    }
  }

  /** A description tells of these: they are of its call. */
  explain(keys: readonly MediaKey[]): void {
    for (const key of keys) {
      const secret = secretOf(key);
      this.#bySecret.delete(secret);
      if (this.#explained.size >= MOST_EXPLAINED_OF_A_GENERATION) {
        this.#explainedBefore = this.#explained;
        this.#explained = new Set();
      }
      this.#explained.add(secret);
    }
  }

  /** In the order in which they were found. */
  all(): readonly StrayKey[] {
    return [...this.#bySecret.values()];
  }
}

function secretOf({ masterKey, masterSalt }: MediaKey): string {
  return String.fromCharCode(...masterKey, ...masterSalt);
}
