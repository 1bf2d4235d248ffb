/**
 * Whether what handles keys and tags takes the same time whatever these are: dudect's test, in this engine, on this
 * machine. It can show a leak; that it shows none proves no more than that none as large was there.
 *
 *     npm run bench -- srtp --timing [--runs 1000000] [--seed 1]
 */
import { leakageBound, measureLeakage } from '@trustline/testing/timing';
import type { TimingTarget } from './timing-targets.ts';

export interface TimingOptions {
  /** Measurements of each target. */
  readonly runs: number;
  /** Of the order of the classes. */
  readonly seed: number;
  readonly print?: (line: string) => void;
}

/** Measures each target and prints a verdict. Returns the exit code: 1 when ours leaks, or a counterpart is not seen to. */
export function runTiming(targets: readonly TimingTarget[], options: TimingOptions): 0 | 1 {
  const { runs, seed, print = (line) => process.stdout.write(`${line}\n`) } = options;
  print(`timing: ${runs.toLocaleString('en-US')} measurements each, seed ${seed}; a leak is |t| above ${leakageBound}`);
  let wrong = 0;
  for (const target of targets) {
    const { t, kept, repeats, median } = measureLeakage(target, { runs, seed });
    const leaks = t > leakageBound;
    if (leaks !== target.isLeaky) wrong += 1;
    const verdict = leaks ? `|t| > ${leakageBound}, it leaks` : `|t| < ${leakageBound}`;
    const judged = leaks === target.isLeaky ? (leaks ? ', as it must' : '') : ': WRONG';
    const where = `fastest ${(kept * 100).toFixed(1)} %, ${median.toFixed(1)} ns, ${repeats} at a time`;
    print(`${target.name}: |t| = ${t.toFixed(2)} (${where}): ${verdict}${judged}`);
  }
  print(wrong === 0 ? `timing: ${targets.length} targets, all as expected` : `timing: ${wrong} targets are WRONG`);
  return wrong === 0 ? 0 : 1;
}

/** The options that stand after `--timing`; undefined when it does not stand there. */
export function timingOptions(args: readonly string[]): TimingOptions | undefined {
  if (!args.includes('--timing')) return undefined;
  const number = (option: string, usual: number) => {
    const at = args.indexOf(option);
    if (at < 0) return usual;
    if (!/^\d+$/.test(args[at + 1] ?? '')) throw new Error(`${option} takes a whole number`);
    return Number(args[at + 1]);
  };
  return { runs: number('--runs', 1_000_000), seed: number('--seed', 1) };
}
