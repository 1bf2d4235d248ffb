/**
 * Causes of Q.850 after which another dial peer may do better: there was no way, no channel, or something was out of order
 * there. All others are about the called or about what the caller asked for, and are the answer. 57 is among those: where
 * protection was refused, nobody else is to be asked who might do without it.
 */
const tried: ReadonlySet<number> = new Set([2, 3, 5, 27, 34, 38, 41, 42, 43, 44, 46, 47, 49, 58, 63, 102]);

/** Whether a call that failed with this cause is to be tried elsewhere. */
export function mayHunt(cause: number): boolean {
  return tried.has(cause);
}
