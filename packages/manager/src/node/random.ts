import { randomFillSync } from 'node:crypto';

/** Octets asked of the system at once: it takes as long for sixteen as for thousands. */
const poolLength = 4_096;

/**
 * Cryptographically strong random octets from a pool, for the many short tags, branches and identifiers of signalling.
 * What was given out is wiped from the pool.
 */
export function pooledRandom(): (length: number) => Uint8Array {
  const pool = new Uint8Array(poolLength);
  let used = poolLength;
  return (length) => {
    if (length > poolLength) return randomFillSync(new Uint8Array(length));
    if (used + length > poolLength) {
      randomFillSync(pool);
      used = 0;
    }
    const octets = pool.slice(used, used + length);
    pool.fill(0, used, used + length);
    used += length;
    return octets;
  };
}
