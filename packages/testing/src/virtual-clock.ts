/** A machine with timers, as all our cores are. */
export interface TimedMachine {
  nextDeadline(): number | undefined;
  handleTime(now: number): void;
}

interface ScheduledAction {
  readonly at: number;
  readonly action: () => void;
}

/**
 * Time that moves only when a test says so: what was scheduled and the timers of attached machines
 * run in the order of their times, and a minute passes in a moment.
 */
export class VirtualClock {
  #now: number;
  #scheduled: ScheduledAction[] = [];
  readonly #machines: { readonly machine: TimedMachine; readonly after: () => void }[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  /** Milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Runs `action` after `delay` milliseconds, after what is already scheduled for the same moment. */
  schedule(delay: number, action: () => void): void {
    this.#scheduled.push({ at: this.#now + delay, action });
  }

  /** Runs a machine's timers from now on; `after` is called each time they ran, to drain its outputs. */
  attach(machine: TimedMachine, after: () => void = () => {}): void {
    this.#machines.push({ machine, after });
  }

  /** Lets time pass, running everything that is due on the way. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(); next !== undefined && next <= end; next = this.#next()) this.#runAt(next);
    this.#now = end;
  }

  /**
   * Runs until nothing is scheduled and no timer is armed, and returns how long that took.
   *
   * @throws Error when something still runs after `limit` milliseconds: it would never end.
   */
  runUntilIdle(limit = 3_600_000): number {
    const start = this.#now;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (next > start + limit) throw new Error(`still not idle after ${limit} ms of virtual time`);
      this.#runAt(next);
    }
    return this.#now - start;
  }

  #next(): number | undefined {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { at } of this.#scheduled) earliest = Math.min(earliest, at);
    for (const { machine } of this.#machines) earliest = Math.min(earliest, machine.nextDeadline() ?? earliest);
    return earliest === Number.POSITIVE_INFINITY ? undefined : Math.max(earliest, this.#now);
  }

  #runAt(moment: number): void {
    this.#now = moment;
    const due = this.#scheduled.filter(({ at }) => at <= moment);
    this.#scheduled = this.#scheduled.filter(({ at }) => at > moment);
    for (const { action } of due) action();
    for (const { machine, after } of this.#machines) {
      const deadline = machine.nextDeadline();
      if (deadline === undefined || deadline > moment) continue;
      machine.handleTime(moment);
      after();
    }
  }
}
