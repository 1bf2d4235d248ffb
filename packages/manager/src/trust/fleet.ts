/** Where a phone stands, by what it was seen to hold, against the lists that are published. */
export type TrustState = 'up-to-date' | 'behind' | 'locked' | 'unknown';

/** The list of a kind that a phone holds, by its number, and whether it would take the one published for it. */
export interface HeldAgainstPublished {
  readonly held: number | undefined;
  readonly published: number | undefined;
  readonly wouldTake: boolean;
}

/**
 * `unknown`: it was never seen to hold a list. `locked`: it refuses one that is published for it. `behind`: it was not
 * seen to hold that one yet. A kind that is not published counts for nothing.
 */
export function trustStateOf(lists: readonly HeldAgainstPublished[]): TrustState {
  const published = lists.filter((one) => one.published !== undefined);
  if (published.every(({ held }) => held === undefined)) return 'unknown';
  if (published.some(({ wouldTake }) => !wouldTake)) return 'locked';
  return published.every((one) => one.held === one.published) ? 'up-to-date' : 'behind';
}
