import { expect, test } from 'vitest';
import { LossyNetwork } from './lossy-network.ts';
import { forEachSeed, SeededRandom } from './seeded-random.ts';
import { type TimedMachine, VirtualClock } from './virtual-clock.ts';

/** Rings at each of its times. */
function ringing(times: number[], rung: number[]): TimedMachine {
  return {
    nextDeadline: () => times[0],
    handleTime: (now) => {
      times.shift();
      rung.push(now);
    },
  };
}

test('actions and timers run in the order of their times, and a minute passes in a moment', () => {
  const clock = new VirtualClock();
  const rung: number[] = [];
  clock.attach(ringing([20, 60_000], rung));
  clock.schedule(10, () => rung.push(clock.now));
  clock.schedule(30, () => clock.schedule(5, () => rung.push(clock.now)));
  clock.advance(19);
  expect(rung).toEqual([10]);
  clock.advance(59_981);
  expect(rung).toEqual([10, 20, 35, 60_000]);
  expect(clock.runUntilIdle()).toBe(0);
});

test('what never comes to rest is noticed', () => {
  const clock = new VirtualClock();
  clock.attach({ nextDeadline: () => clock.now + 1, handleTime: () => {} });
  expect(() => clock.runUntilIdle(100)).toThrow('still not idle');
});

test('the network loses, doubles and reorders as its seed says, the same every time', () => {
  const run = (seed: number): number[] => {
    const clock = new VirtualClock();
    const conditions = { loss: 0.3, duplication: 0.3, minimumDelay: 1, maximumDelay: 100 };
    const network = new LossyNetwork(clock, new SeededRandom(seed), conditions);
    const arrived: number[] = [];
    for (let packet = 0; packet < 100; packet += 1) network.carry(() => arrived.push(packet));
    clock.runUntilIdle();
    return arrived;
  };
  const arrived = run(7);
  expect(run(7)).toEqual(arrived);
  expect(run(8)).not.toEqual(arrived);
  const distinct = new Set(arrived);
  expect(distinct.size).toBeLessThan(100);
  expect(arrived.length).toBeGreaterThan(distinct.size);
  expect([...distinct]).not.toEqual([...distinct].sort((a, b) => a - b));
});

test('a failing simulation names its seed', () => {
  expect(() =>
    forEachSeed(5, (_random, seed) => {
      if (seed === 3) throw new Error('lost');
    }),
  ).toThrow('seed 3: lost');
});
