import { expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { InputPair } from './input-pair.ts';
import { leakageBound } from './leakage-test.ts';
import { measureLeakage, type TimedOperation } from './measure.ts';

/** An operation that takes as long as it says, on a clock that only it moves. */
class Pretended implements TimedOperation {
  readonly isCold: boolean;
  readonly #random = new SeededRandom(7);
  readonly #costs: readonly [number, number];
  #class: 0 | 1 = 0;
  #nanoseconds = 0;
  /** Since an input was prepared. */
  #runs = 0;
  mostRuns = 0;

  constructor(costs: readonly [number, number], isCold = false) {
    this.#costs = costs;
    this.isCold = isCold;
  }

  prepare(inputClass: 0 | 1): void {
    this.#class = inputClass;
    this.#runs = 0;
  }

  run(): void {
    this.#runs += 1;
    this.mostRuns = Math.max(this.mostRuns, this.#runs);
    this.#nanoseconds += this.#costs[this.#class] + 2 * this.#random.next();
  }

  /** With a tick of ten nanoseconds. */
  readonly now = () => (10 * Math.floor(this.#nanoseconds / 10)) / 1e6;
}

function measured(operation: Pretended) {
  return measureLeakage(operation, { runs: 30_000, seed: 1, now: operation.now });
}

test('operations of equal cost are not told apart', () => {
  expect(measured(new Pretended([20, 20])).t).toBeLessThan(leakageBound);
});

test('a cost that depends on the class is seen, though it is shorter than a tick of the clock', () => {
  expect(measured(new Pretended([20, 20.2])).t).toBeGreaterThan(leakageBound);
});

test('short operations are repeated until a measurement takes two microseconds, after as many unmeasured', () => {
  const operation = new Pretended([20, 20]);
  const { repeats, median } = measured(operation);
  expect(repeats).toBe(128);
  expect(median).toBeCloseTo(21, 0);
  expect(operation.mostRuns).toBe(256);
});

test('a cold operation meets each input once', () => {
  const operation = new Pretended([100, 103], true);
  const { repeats, t } = measured(operation);
  expect([repeats, operation.mostRuns]).toEqual([1, 1]);
  expect(t).toBeGreaterThan(leakageBound);
});

test('the input of the class is laid into place', () => {
  const pair = new InputPair(Uint8Array.of(1, 2, 255), Uint8Array.of(4, 128, 0));
  pair.choose(1);
  expect([...pair.chosen]).toEqual([4, 128, 0]);
  pair.choose(0);
  expect([...pair.chosen]).toEqual([1, 2, 255]);
});

test('without a second input that of class 1 is another one each time', () => {
  const pair = new InputPair(new Uint8Array(16));
  const seen = new Set<string>();
  for (let turn = 0; turn < 10; turn += 1) {
    pair.choose(1);
    seen.add(pair.chosen.join());
    pair.choose(0);
    expect(pair.chosen.every((octet) => octet === 0)).toBe(true);
  }
  expect(seen.size).toBe(10);
});
