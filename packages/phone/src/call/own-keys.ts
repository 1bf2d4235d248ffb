import { createHash } from 'node:crypto';
import type { Redacted } from '@trustline/base';
import {
  generateMasterKey,
  keyDerivationRateOf,
  masterKeysOf,
  type SdesSuiteName,
  type UsableCrypto,
} from '@trustline/keying';
import type { DirectionKeys } from '@trustline/srtp';

/**
 * The master keys we send with in one call, one for each crypto suite: a key is never used under two suites, and the
 * same suite keeps its key until a new one is asked for.
 */
export class OwnKeys {
  readonly #random: (length: number) => Uint8Array;
  readonly #keys = new Map<SdesSuiteName, Redacted<Uint8Array>>();
  /** Replaced, and perhaps still in an offer that is on its way. */
  readonly #before: Redacted<Uint8Array>[] = [];

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
  }

  /** The key of a suite, made when it is first asked for. */
  of(suite: SdesSuiteName): Redacted<Uint8Array> {
    const known = this.#keys.get(suite);
    if (known !== undefined) return known;
    const made = generateMasterKey(this.#random, suite);
    this.#keys.set(suite, made);
    return made;
  }

  /** Whether a key is one of ours: a far end that sends it back wants us to decrypt our own voice. */
  includes(material: Redacted<Uint8Array>): boolean {
    const theirs = fingerprint([material]);
    return [...this.#keys.values(), ...this.#before].some((ours) => fingerprint([ours]) === theirs);
  }

  /** The next keys are new. */
  renew(): void {
    this.#before.push(...this.#keys.values());
    this.#keys.clear();
  }

  /** Overwrites every key of the call. */
  clear(): void {
    this.renew();
    for (const key of this.#before.splice(0)) key.reveal().fill(0);
  }
}

/** The keys of one direction, copied out of a crypto line: the caller clears them after use. */
export function directionKeys(crypto: UsableCrypto): DirectionKeys {
  const keyDerivationRate = keyDerivationRateOf(crypto.attribute);
  return {
    profile: crypto.profile,
    masterKeys: masterKeysOf(crypto),
    keyDerivationRate,
    fingerprint: `${crypto.suite.name} ${keyDerivationRate} ${fingerprint(crypto.attribute.keys.map(({ material }) => material))}`,
  };
}

/** Overwrites the key material of a copy made by {@link directionKeys}. */
export function clearKeys(keys: DirectionKeys | undefined): void {
  for (const { key, salt } of keys?.masterKeys ?? []) {
    key.fill(0);
    salt.fill(0);
  }
}

/** Keys are random, so that nobody searches one by its hash. Unlike `keyFingerprint` it tells salts apart too. */
function fingerprint(materials: readonly Redacted<Uint8Array>[]): string {
  const hash = createHash('sha256');
  for (const material of materials) hash.update(material.reveal());
  return hash.digest('hex');
}
