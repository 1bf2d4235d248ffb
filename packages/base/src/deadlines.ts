/**
 * All timers of one state machine, as data: a table from a timer's name to the moment it is due.
 * Times are monotonic milliseconds that the caller passes in; this table never reads a clock.
 *
 * A machine clears its timers when it leaves a state, so that no state has to ignore a stale one.
 */
export class Deadlines<Name extends string> {
  readonly #due = new Map<Name, number>();

  /** Arms or re-arms a timer. */
  set(name: Name, at: number): void {
    this.#due.set(name, at);
  }

  clear(name: Name): void {
    this.#due.delete(name);
  }

  clearAll(): void {
    this.#due.clear();
  }

  /** When a timer is due, or undefined when it is not armed. */
  at(name: Name): number | undefined {
    return this.#due.get(name);
  }

  has(name: Name): boolean {
    return this.#due.has(name);
  }

  /** The earliest moment at which something is due, or undefined when nothing is armed. */
  next(): number | undefined {
    let earliest: number | undefined;
    for (const at of this.#due.values()) if (earliest === undefined || at < earliest) earliest = at;
    return earliest;
  }

  /** Removes and returns the earliest timer that is due at `now`; call it until it returns undefined. */
  takeDue(now: number): Name | undefined {
    let name: Name | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const [candidate, at] of this.#due) {
      if (at <= now && at < earliest) {
        name = candidate;
        earliest = at;
      }
    }
    if (name !== undefined) this.#due.delete(name);
    return name;
  }
}
