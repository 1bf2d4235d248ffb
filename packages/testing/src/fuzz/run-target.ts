import { minimiseSlowly } from './minimise.ts';
import type { FuzzMaterial } from './target.ts';
import { type TargetFailure, TargetThread, type TurnOutcome } from './target-thread.ts';

/** Milliseconds. Everything of ours takes less than a tenth of a second; what takes this long lets a stranger stop us. */
export const usualHangLimit = 10_000;
/** Whether an input hangs is seen by waiting, so it is made smaller in few tries. */
const usualHangTries = 12;
/** Executions without counters for each one with them, once the search is dry. */
const plainShare = 2;
/** For the generator of the thread without counters: it shall not repeat what the other did. */
const otherSeed = 0x9e37_79b9;

export interface FuzzRun extends FuzzMaterial {
  /** Ends when either is reached; the samples are executed in any case. */
  readonly seconds?: number;
  readonly executions?: number;
  /** What the URLs of the sources begin with whose coverage guides; undefined for none. */
  readonly guidedBy: string | undefined;
  /** Milliseconds of one execution that are too long. */
  readonly hangLimit?: number;
  /** How often an input that hangs is tried again to make it smaller. */
  readonly hangTries?: number;
}

export type FuzzOutcome =
  | {
      readonly kind: 'passed';
      readonly executions: number;
      /** How many samples there were, those of the target included. */
      readonly samples: number;
      /** Inputs that reached new code. */
      readonly found: readonly Uint8Array[];
      /** From 0 to 1; undefined when coverage did not guide. */
      readonly coveredShare: number | undefined;
    }
  | { readonly kind: 'broken'; readonly error: string }
  | TargetFailure;

/**
 * Looks for an input that fails.
 *
 * V8's block counters make the code under test take one and a half to four times as long. So two threads take turns: one with counters
 * looks for inputs that reach new code, as long as it finds some; the other gets them, and executes what is made of
 * them at full speed. Turns are measured in executions, so that the seed alone decides what is executed.
 */
export async function fuzzTarget(url: string, run: FuzzRun): Promise<FuzzOutcome> {
  const { seed, samples, dictionary, guidedBy, hangLimit = usualHangLimit, hangTries = usualHangTries } = run;
  const material = { seed, samples, dictionary };
  const plainMaterial = { ...material, seed: guidedBy === undefined ? seed : seed ^ otherSeed };
  const guided = new TargetThread({ url, guidedBy, material }, hangLimit);
  const plain = new TargetThread({ url, material: plainMaterial }, hangLimit);
  const until = performance.now() + (run.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const most = run.executions ?? Number.POSITIVE_INFINITY;
  const left = (): Budget => ({
    seconds: (until - performance.now()) / 1000,
    executions: most - guided.executions - plain.executions,
  });
  try {
    const outcome =
      guidedBy === undefined
        ? await plain.turn({ kind: 'fuzz', ...left(), found: [] })
        : await takeTurns(guided, plain, left);
    if (outcome.kind === 'broken') return outcome;
    const executions = guided.executions + plain.executions;
    if (outcome.kind === 'over') return { ...outcome, kind: 'passed', executions };
    if (outcome.kind === 'failed') return { ...outcome, executions };
    const hangs = async (input: Uint8Array) => (await replayInput(url, input, hangLimit)).kind === 'hung';
    return { ...outcome, executions, input: await minimiseSlowly(outcome.input, hangs, { tries: hangTries }) };
  } finally {
    await guided.close();
    await plain.close();
  }
}

/** Executes one input in a thread of its own. */
export async function replayInput(url: string, input: Uint8Array, hangLimit = usualHangLimit): Promise<TurnOutcome> {
  const thread = new TargetThread({ url }, hangLimit);
  try {
    return await thread.turn({ kind: 'replay', input });
  } finally {
    await thread.close();
  }
}

interface Budget {
  readonly seconds: number;
  readonly executions: number;
}

/** Until the budget is spent or something fails. */
async function takeTurns(guided: TargetThread, plain: TargetThread, left: () => Budget): Promise<TurnOutcome> {
  const isSpent = () => left().seconds <= 0 || left().executions <= 0;
  for (let handedOn = 0; ; ) {
    const search = await guided.turn({ kind: 'fuzz', ...left(), found: [] });
    if (search.kind !== 'over' || isSpent()) return search;
    const found = search.found.slice(handedOn);
    handedOn = search.found.length;
    const share = guided.executions * plainShare - plain.executions;
    const { seconds, executions } = left();
    const burst = await plain.turn({ kind: 'fuzz', seconds, executions: Math.min(executions, share), found });
    if (burst.kind !== 'over') return burst;
    if (isSpent()) return search;
  }
}
