import { Worker } from 'node:worker_threads';
import { CurrentInput } from './current-input.ts';
import { HangWatch, thisMoment } from './hang-watch.ts';
import type { Report, ThreadData, Turn, TurnOver } from './target.ts';

const looksPerLimit = 8;
/** Milliseconds for loading a target and what it imports. */
const loadingLimit = 60_000;

export type TurnOutcome =
  | TurnOver
  /** It cannot be executed at all. */
  | { readonly kind: 'broken'; readonly error: string }
  | TargetFailure;

export interface TargetFailure {
  readonly kind: 'failed' | 'hung';
  /** The smallest input known that fails so. */
  readonly input: Uint8Array;
  /** The length of the input that failed first. */
  readonly firstLength: number;
  readonly error: string;
  /** Of this thread, when it failed. */
  readonly executions: number;
}

/** Executes a target in a thread of its own, and watches it: one that hangs or dies has failed like one that throws. */
export class TargetThread {
  /** How many there have been, the one that failed included. */
  executions = 0;
  readonly #data: Omit<ThreadData, 'current'>;
  readonly #current = new CurrentInput();
  readonly #hangLimit: number;
  #worker: Worker | undefined;
  #said: (report: Report | { kind: 'died'; error: string }) => void = () => {};

  /** @param hangLimit milliseconds of one execution that are too long. */
  constructor(data: Omit<ThreadData, 'current'>, hangLimit: number) {
    this.#data = data;
    this.#hangLimit = hangLimit;
  }

  /** One at a time; after a failure there is none. */
  async turn(turn: Turn): Promise<TurnOutcome> {
    const { promise, resolve } = Promise.withResolvers<TurnOutcome>();
    let failure: TargetFailure | undefined;
    const watch = new HangWatch(this.#hangLimit);
    const loading = new HangWatch(loadingLimit);
    const timer = setInterval(() => {
      const { executions } = this.#current;
      if (!(executions === 0 ? loading : watch).isHung(executions, thisMoment())) return;
      if (executions === 0) resolve({ kind: 'broken', error: `it is not loaded after ${loadingLimit / 1000} s` });
      // While a failure is made smaller, a candidate that hangs ends that, and the failure stays what it was.
      resolve(failure ?? this.#failure('hung', `it took longer than ${this.#hangLimit / 1000} s, the limit`));
    }, this.#hangLimit / looksPerLimit);
    this.#said = (report) => {
      if (report.kind === 'over' || report.kind === 'broken') resolve(report);
      else if (report.kind === 'failed') failure = { ...report, firstLength: report.input.length };
      else if (report.kind === 'smaller' && failure !== undefined) failure = { ...failure, input: report.input };
      else if (report.kind === 'minimised' && failure !== undefined) resolve(failure);
      else if (report.kind === 'died') resolve(failure ?? this.#died(report.error));
    };
    this.#worker ??= this.#start();
    this.#worker.postMessage(turn);
    const outcome = await promise;
    clearInterval(timer);
    if (outcome.kind !== 'broken') this.executions = outcome.executions;
    return outcome;
  }

  async close(): Promise<void> {
    this.#said = () => {};
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const workerData: ThreadData = { ...this.#data, current: this.#current.memory };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, execArgv: [] });
    worker.on('message', (report: Report) => this.#said(report));
    worker.on('error', (error: unknown) => {
      this.#said({ kind: 'died', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    });
    worker.on('exit', () => this.#said({ kind: 'died', error: 'it ended the thread that executed it' }));
    return worker;
  }

  #failure(kind: 'failed' | 'hung', error: string): TargetFailure {
    const input = this.#current.get();
    return { kind, input, firstLength: input.length, error, executions: this.#current.executions };
  }

  #died(error: string): TurnOutcome {
    return this.#current.executions === 0 ? { kind: 'broken', error } : this.#failure('failed', error);
  }
}
