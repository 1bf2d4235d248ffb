import { performance } from 'node:perf_hooks';
import { BLOCK_MILLISECONDS, LoopbackEnd } from '../isdn/loopback.ts';
import type { PrimaryRatePort } from '../isdn/primary-rate-port.ts';
import type { LineWire } from './line-wire.ts';

/** Blocks that are late by more than this are left out, after the process has stood still. */
const MOST_LATE_MILLISECONDS = 200;

export interface LoopbackLineOptions {
  readonly port: PrimaryRatePort;
  readonly wire: LineWire;
  /**
   * After whatever may have brought events of the port: they are to be polled now, by who has the port. Also the place for
   * timers of what stands behind the port.
   */
  readonly activity: (now: number) => void;
  /** The other end is gone. */
  readonly closed?: () => void;
}

/**
 * Runs one end of a loopback line: the clock of a port that has no card. After commands to the port, `wake` sends what they
 * made. A driver for a card would stand in its place: `receiveFrame` and `takeFrame` at its D channel's HDLC controller,
 * `exchangeAudio` at its B channels' blocks, `start` when layer 1 is up.
 */
export class LoopbackLine {
  readonly #options: LoopbackLineOptions;
  readonly #end: LoopbackEnd;
  #tick: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #nextTick = 0;
  #closed = false;

  constructor(options: LoopbackLineOptions) {
    this.#options = options;
    this.#end = new LoopbackEnd(options.port, (message) => options.wire.send(message));
  }

  start(): void {
    this.#options.wire.open({
      message: (message) => this.#run(() => this.#end.receive(performance.now(), message)),
      closed: () => {
        this.close();
        this.#options.closed?.();
      },
    });
    this.#nextTick = performance.now() + BLOCK_MILLISECONDS;
    this.#awaitTick();
    this.#run(() => this.#end.start(performance.now()));
  }

  /** Sends what commands to the port have made, and sees to its timers. */
  wake(): void {
    this.#run(() => {});
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#tick);
    clearTimeout(this.#deadline);
    this.#options.wire.close();
  }

  #run(act: () => void): void {
    if (this.#closed) return;
    act();
    this.#options.activity(performance.now());
    this.#end.flush();
    this.#awaitDeadline();
  }

  #awaitTick(): void {
    if (this.#closed) return;
    this.#tick = setTimeout(
      () => {
        const now = performance.now();
        if (now - this.#nextTick > MOST_LATE_MILLISECONDS) this.#nextTick = now;
        for (; this.#nextTick <= now; this.#nextTick += BLOCK_MILLISECONDS) this.#run(() => this.#end.tick());
        this.#awaitTick();
      },
      Math.max(0, this.#nextTick - performance.now()),
    );
  }

  #awaitDeadline(): void {
    clearTimeout(this.#deadline);
    const due = this.#options.port.nextDeadline();
    if (due === undefined || this.#closed) return;
    this.#deadline = setTimeout(
      () => this.#run(() => this.#options.port.handleTime(performance.now())),
      Math.max(0, due - performance.now()) + 1,
    );
  }
}
