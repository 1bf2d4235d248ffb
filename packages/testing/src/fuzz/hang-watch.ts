/** Waiting costs no processor time; what waits this many times the limit hangs nevertheless. */
const waitingFactor = 10;

/** A moment as a watch sees it: both in milliseconds. */
export interface Moment {
  readonly now: number;
  /** What this process has used of processors, all threads together. */
  readonly processor: number;
}

export function thisMoment(): Moment {
  const { user, system } = process.cpuUsage();
  return { now: performance.now(), processor: (user + system) / 1000 };
}

/** Sees that one execution goes on and on. A machine that was busy with other things, or asleep, is no hang. */
export class HangWatch {
  readonly #limit: number;
  #executions = -1;
  #start: Moment = { now: 0, processor: 0 };

  /** @param limit milliseconds. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Asked again and again; `executions` counts those that have begun. */
  isHung(executions: number, moment: Moment): boolean {
    if (executions !== this.#executions) {
      this.#executions = executions;
      this.#start = moment;
      return false;
    }
    const lasted = moment.now - this.#start.now;
    if (lasted < this.#limit) return false;
    return moment.processor - this.#start.processor >= this.#limit || lasted >= this.#limit * waitingFactor;
  }
}
