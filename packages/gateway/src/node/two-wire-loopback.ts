import { performance } from 'node:perf_hooks';
import type { FxoPort } from '../analogue/fxo-port.ts';
import type { FxsPort } from '../analogue/fxs-port.ts';
import { TwoWireLine } from '../analogue/two-wire-line.ts';
import { BLOCK_MILLISECONDS } from '../isdn/loopback.ts';

/** Blocks that are late by more than this are left out, after the process has stood still. */
const MOST_LATE_MILLISECONDS = 200;

export interface TwoWireLoopbackOptions {
  readonly office: FxsPort;
  readonly station: FxoPort;
  /** After whatever may have brought events of either port; also the place for timers of what stands behind them. */
  readonly activity: (now: number) => void;
}

/** Runs an analogue line that is none: an FXS port and an FXO port of this process, joined, and their clock. */
export class TwoWireLoopback {
  readonly #options: TwoWireLoopbackOptions;
  readonly #line: TwoWireLine;
  #timer: NodeJS.Timeout | undefined;
  #nextTick = 0;
  #closed = false;

  constructor(options: TwoWireLoopbackOptions) {
    this.#options = options;
    this.#line = new TwoWireLine(performance.now(), options.office, options.station);
  }

  start(): void {
    this.#nextTick = performance.now() + BLOCK_MILLISECONDS;
    this.wake();
  }

  /** Carries what commands to a port have made, and sees to timers. */
  wake(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#options.office.handleTime(now);
    this.#options.station.handleTime(now);
    this.#line.carrySignals(now);
    this.#options.activity(now);
    this.#line.carrySignals(now);
    this.#await();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #await(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const { office, station } = this.#options;
    const due = Math.min(
      this.#nextTick,
      office.nextDeadline() ?? this.#nextTick,
      station.nextDeadline() ?? this.#nextTick,
    );
    this.#timer = setTimeout(() => this.#run(), Math.max(0, due - performance.now()));
  }

  #run(): void {
    const now = performance.now();
    if (now - this.#nextTick > MOST_LATE_MILLISECONDS) this.#nextTick = now;
    for (; this.#nextTick <= now; this.#nextTick += BLOCK_MILLISECONDS) {
      this.#line.exchangeAudio(now);
      this.#options.activity(now);
    }
    this.wake();
  }
}
