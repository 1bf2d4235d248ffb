import type { HuntGroup } from './directory.ts';

/** Who of a hunt group is tried first, and who then. Shared by all calls of a node. */
export class Hunting {
  /** Group → the member that the next call tries first, for `circular`. */
  readonly #next = new Map<string, number>();
  /** Line → when its last call ended, monotonic milliseconds. */
  readonly #idleSince = new Map<string, number>();

  /** A line has no call any more. */
  idle(now: number, line: string): void {
    // Only who has talked since the start is kept; the map is as large as the cluster has lines.
    this.#idleSince.set(line, now);
  }

  /** The members in the order of one new call. */
  orderFor({ name, order, members }: HuntGroup): readonly string[] {
    switch (order) {
      case 'top-down':
      case 'broadcast':
        return members;
      case 'circular': {
        const first = (this.#next.get(name) ?? 0) % Math.max(1, members.length);
        this.#next.set(name, first + 1);
        return [...members.slice(first), ...members.slice(0, first)];
      }
      case 'longest-idle':
        return members.toSorted((a, b) => this.#idleFrom(a) - this.#idleFrom(b));
    }
  }

  /** A line that has not talked at all has been idle for longest. */
  #idleFrom(line: string): number {
    return this.#idleSince.get(line) ?? Number.NEGATIVE_INFINITY;
  }
}
