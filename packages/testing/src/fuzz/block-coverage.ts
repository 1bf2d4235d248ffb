import { Session } from 'node:inspector';
import type { ScriptCoverage } from './covered-code.ts';

/**
 * V8's own block coverage of this thread, for the sources under one address.
 *
 * It must be made before those sources are loaded: V8 puts counters into blocks when it compiles a function. A call of
 * `take` costs about half a millisecond whatever ran, so it is made after many executions, not after each.
 *
 * @see https://v8.dev/blog/javascript-code-coverage
 */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #address: string;

  /** @param address what the URLs of the watched sources begin with, such as `file:///…/packages/sip/`. */
  constructor(address: string) {
    this.#address = address;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    // With counts: V8's other mode reports a function once only, and who reached it could not be asked again.
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What ran since the last call. */
  take(): readonly ScriptCoverage[] {
    let taken: readonly ScriptCoverage[] | undefined;
    // Within one thread the answer comes before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error === null) taken = answer.result;
    });
    if (taken === undefined) throw new Error('V8 gives no coverage: run with --no-coverage');
    return taken.filter(({ url }) => url.startsWith(this.#address));
  }
}
