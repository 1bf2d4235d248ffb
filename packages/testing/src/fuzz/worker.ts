/** The thread that executes one target, turn by turn. It may hang or die: `target-thread.ts` watches it. */
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../seeded-random.ts';
import { BlockCoverage } from './block-coverage.ts';
import { CurrentInput } from './current-input.ts';
import { Engine } from './engine.ts';
import { minimise } from './minimise.ts';
import { failureSignature, loadTarget, type Report, type ThreadData, type Turn } from './target.ts';

/** How often a failing input is executed again to make it smaller. */
const minimisingTries = 3_000;

const { url, current, guidedBy, material } = workerData as ThreadData;
const currentInput = new CurrentInput(current);

try {
  const coverage = guidedBy === undefined ? undefined : new BlockCoverage(guidedBy);
  const target = await loadTarget(url);
  const samples = [...(target.corpus?.() ?? []), ...(material?.samples ?? [])];
  const execute = (input: Uint8Array) => {
    currentInput.set(input);
    target.fuzz(input.slice()); // a copy: a target may write into what it is given
  };
  const { seed = 0, dictionary = [] } = material ?? {};
  const engine = new Engine({ execute, samples, dictionary, random: new SeededRandom(seed), coverage });
  parentPort?.on('message', (turn: Turn) => {
    try {
      if (turn.kind === 'replay') execute(turn.input);
      else fuzz(engine, turn);
    } catch (error) {
      fail(error, turn.kind === 'replay' ? 0 : minimisingTries, execute);
      return;
    }
    const { executions, found, coveredShare } = engine;
    report({ kind: 'over', executions, found, coveredShare, samples: samples.length });
  });
} catch (error) {
  report({ kind: 'broken', error: describe(error) });
}

function fuzz(engine: Engine, { seconds, executions, found }: Extract<Turn, { kind: 'fuzz' }>): void {
  const until = performance.now() + seconds * 1000;
  const most = engine.executions + executions;
  engine.add(found);
  engine.run((count) => count >= most || performance.now() >= until, { untilDry: guidedBy !== undefined });
}

function fail(failure: unknown, tries: number, execute: (input: Uint8Array) => void): void {
  const input = currentInput.get();
  report({ kind: 'failed', input, error: describe(failure), executions: currentInput.executions });
  const signature = failureSignature(failure);
  const stillFails = (candidate: Uint8Array) => {
    try {
      execute(candidate);
    } catch (error) {
      return failureSignature(error) === signature;
    }
    return false;
  };
  minimise(input, stillFails, { tries, onSmaller: (smaller) => report({ kind: 'smaller', input: smaller }) });
  report({ kind: 'minimised' });
}

function report(said: Report): void {
  parentPort?.postMessage(said);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
