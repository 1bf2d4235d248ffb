import { expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { LeakageTest, leakageBound } from './leakage-test.ts';

/** Times as programs have them: a cluster, a tick of the clock, and now and then something a thousand times as long. */
function time(random: SeededRandom): number {
  const disturbance = random.chance(0.01) ? 1e6 * random.next() : 0;
  return 10 * Math.round((1_000 + 50 * (random.next() + random.next() + random.next()) + disturbance) / 10);
}

function verdict(seed: number, difference: number, runs = 100_000) {
  const random = new SeededRandom(seed);
  const leakage = new LeakageTest(Float64Array.from({ length: 10_000 }, () => time(random)));
  for (let run = 0; run < runs; run += 1) {
    const group = random.below(2) as 0 | 1;
    leakage.add(group, time(random) + group * difference);
  }
  return leakage.verdict;
}

test('two classes of the same times are not told apart', () => {
  for (let seed = 1; seed <= 20; seed += 1) expect(verdict(seed, 0).t).toBeLessThan(leakageBound);
});

test('a thousandth of a difference is seen, in the crops, for disturbances hide it from the whole', () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const { t, kept } = verdict(seed, 1);
    expect(t).toBeGreaterThan(leakageBound);
    expect(kept).toBeLessThan(1);
  }
});

test('a difference that only a few of the slowest have is seen in the whole', () => {
  const random = new SeededRandom(1);
  const leakage = new LeakageTest(Float64Array.from({ length: 10_000 }, () => random.next()));
  for (let run = 0; run < 50_000; run += 1) {
    const group = random.below(2) as 0 | 1;
    leakage.add(group, random.next() + (group === 1 && random.chance(0.02) ? 5 + 5 * random.next() : 0));
  }
  expect(leakage.verdict.t).toBeGreaterThan(leakageBound);
  expect(leakage.verdict.kept).toBe(1);
});
