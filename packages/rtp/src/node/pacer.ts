/** Further behind than this (the machine slept), time is skipped rather than caught up, in milliseconds. */
const LONGEST_CATCHING_UP = 1_000;

/**
 * Calls `tick` once for each interval since the start, with the time at which it was due and the time it is: deadline n is
 * start + n × interval, so that nothing drifts, and what a busy process missed is caught up. The sockets are read
 * first: what came in during a stall is there when its frame is played.
 */
export class Pacer {
  readonly #interval: number;
  readonly #tick: (due: number, now: number) => void;
  #next: number;
  #timer: NodeJS.Timeout | undefined;
  #afterReading: NodeJS.Immediate | undefined;
  #readAt: number;
  #stopped = false;

  constructor(interval: number, tick: (due: number, now: number) => void) {
    this.#interval = interval;
    this.#tick = tick;
    this.#readAt = performance.now();
    this.#next = this.#readAt + interval;
    this.#wait();
  }

  /** Where the process has stalled, when it last had read all there was; otherwise `now`. */
  unreadSince(now: number): number {
    return now > this.#next ? this.#readAt : now;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#afterReading);
  }

  #wait(): void {
    // Node.js runs timers, then what the sockets have, then immediates.
    this.#timer = setTimeout(
      () => {
        this.#afterReading = setImmediate(() => this.#run());
      },
      Math.max(0, this.#next - performance.now()),
    );
  }

  #run(): void {
    this.#readAt = performance.now();
    const behind = this.#readAt - this.#next;
    if (behind > LONGEST_CATCHING_UP) this.#next += Math.floor(behind / this.#interval) * this.#interval;
    while (!this.#stopped && this.#next <= this.#readAt) {
      const due = this.#next;
      this.#next += this.#interval;
      this.#tick(due, this.#readAt);
    }
    if (!this.#stopped) this.#wait();
  }
}
