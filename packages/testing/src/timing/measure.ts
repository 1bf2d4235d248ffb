import { SeededRandom } from '../seeded-random.ts';
import { LeakageTest, type LeakageVerdict } from './leakage-test.ts';

/** What is measured: one operation on inputs of two classes, such as a fixed input and random ones. */
export interface TimedOperation {
  /**
   * Lays an input of that class into place. It has to do the same for both classes, with the same memory, and to
   * allocate nothing: what differs here would be seen as a difference of the operation. `InputPair` helps.
   */
  prepare(inputClass: 0 | 1): void;
  /** The operation, on the input that was prepared. */
  run(): void;
  /**
   * Whether each input is met once, with empty caches: that shows which memory is touched. Otherwise the operation is
   * repeated, and all repeats run once unmeasured before: that shows the shortest differences of what is computed.
   */
  readonly isCold?: boolean;
}

export interface LeakageOptions {
  /** Measurements, of both classes together. */
  readonly runs: number;
  readonly seed: number;
  /** Milliseconds. */
  readonly now?: () => number;
}

export interface LeakageResult extends LeakageVerdict {
  /** How often the operation ran in each measurement. */
  readonly repeats: number;
  /** Of one operation, in nanoseconds, the clock's own time included. */
  readonly median: number;
}

/** Clocks tell tens of nanoseconds apart: in a measurement of two microseconds that is less than one per cent. */
const leastMilliseconds = 0.002;
const warmUps = 20_000;
/** Measurements between two looks at them; looking disturbs caches and predictors. */
const chunk = 10_000;
/** The first of each chunk feel that. */
const disturbed = 10;

/** Measures an operation `runs` times, the classes in random order, and says how well time tells these apart. */
export function measureLeakage(operation: TimedOperation, options: LeakageOptions): LeakageResult {
  const { runs, seed, now = () => performance.now() } = options;
  const random = new SeededRandom(seed);
  const classes = new Uint8Array(chunk);
  const times = new Float64Array(chunk);
  const measure = (repeats: number) => {
    for (let at = 0; at < chunk; at += 1) classes[at] = random.below(2);
    (operation.isCold === true ? fillCold : fill)(times, classes, { operation, repeats, now });
  };
  const repeats = repeatsFor(operation, times, measure);
  measure(repeats);
  const test = new LeakageTest(times);
  const median = times.toSorted()[chunk / 2] as number;
  for (let left = runs; left > 0; left -= chunk - disturbed) {
    measure(repeats);
    const end = Math.min(chunk, disturbed + left);
    for (let at = disturbed; at < end; at += 1) test.add(classes[at] as 0 | 1, times[at] as number);
  }
  return { ...test.verdict, repeats, median: (median * 1e6) / repeats };
}

interface Measurement {
  readonly operation: TimedOperation;
  readonly repeats: number;
  readonly now: () => number;
}

/** Fills `times`. Nothing is allocated and nothing decided between two measurements. */
function fill(times: Float64Array, classes: Uint8Array, { operation, repeats, now }: Measurement): void {
  for (let at = 0; at < times.length; at += 1) {
    operation.prepare(classes[at] as 0 | 1);
    for (let turn = 0; turn < repeats; turn += 1) operation.run();
    const start = now();
    for (let turn = 0; turn < repeats; turn += 1) operation.run();
    times[at] = now() - start;
  }
}

function fillCold(times: Float64Array, classes: Uint8Array, { operation, now }: Measurement): void {
  for (let at = 0; at < times.length; at += 1) {
    operation.prepare(classes[at] as 0 | 1);
    sweepCache();
    const start = now();
    operation.run();
    times[at] = now() - start;
  }
}

/** Twice and more what first-level caches hold, in steps of their lines. */
const swept = new Uint8Array(131_072);
const cacheLine = 64;

/** Drives everything else out of the first-level cache. It writes, or the compiler would leave it out. */
function sweepCache(): void {
  for (let at = 0; at < swept.length; at += cacheLine) swept[at] = (swept[at] as number) + 1;
}

/** How many repeats take long enough. On the way the compiler sees both classes, and gets done with them. */
function repeatsFor({ isCold }: TimedOperation, times: Float64Array, measure: (repeats: number) => void): number {
  for (let done = 0; done < warmUps; done += chunk) measure(1);
  if (isCold === true) return 1;
  for (let repeats = 1; ; repeats *= 2) {
    measure(repeats);
    if ((times.toSorted()[chunk / 4] as number) >= leastMilliseconds) return repeats;
  }
}
