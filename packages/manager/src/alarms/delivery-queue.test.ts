import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeliveryQueue } from './delivery-queue.ts';

const limits = { items: 3, firstPause: 1_000, longestPause: 8_000 };

test('delivers in order, one at a time', () => {
  const queue = new DeliveryQueue<string>(limits);
  expect(queue.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  queue.add('a');
  queue.add('b');
  expect(queue.poll(0)).toBe('a');
  expect(queue.poll(0)).toBeUndefined();
  queue.delivered();
  expect(queue.poll(0)).toBe('b');
});

test('what failed is tried again after pauses that double up to the longest, and told of once', () => {
  const queue = new DeliveryQueue<string>(limits);
  queue.add('a');
  let now = 0;
  const pauses: number[] = [];
  const told: boolean[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    expect(queue.poll(now)).toBe('a');
    told.push(queue.failed(now));
    expect(queue.poll(queue.nextDeadline() - 1)).toBeUndefined();
    pauses.push(queue.nextDeadline() - now);
    now = queue.nextDeadline();
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
  expect(told).toEqual([true, false, false, false, false, false]);
  queue.poll(now);
  queue.delivered();
  queue.add('b');
  expect(queue.poll(now)).toBe('b');
  expect(queue.failed(now)).toBe(true);
});

test('is bounded: the oldest that have not left are lost, and counted', () => {
  const queue = new DeliveryQueue<number>(limits);
  queue.add(1);
  expect(queue.poll(0)).toBe(1);
  for (const item of [2, 3, 4, 5]) queue.add(item);
  expect(queue.delivered()).toBe(2);
  expect(queue.poll(0)).toBe(4);
  expect(queue.delivered()).toBe(0);
  expect(queue.poll(0)).toBe(5);
});

test('whatever happens, order is kept and nothing is delivered twice', () => {
  const moves = fc.array(fc.constantFrom('add', 'deliver', 'fail'), { maxLength: 60 });
  fc.assert(
    fc.property(moves, (all) => {
      const queue = new DeliveryQueue<number>(limits);
      const done: number[] = [];
      let [now, next, lost] = [0, 0, 0];
      for (const move of all) {
        if (move === 'add') {
          next += 1;
          queue.add(next);
        } else {
          now = Math.max(now, Number.isFinite(queue.nextDeadline()) ? queue.nextDeadline() : now);
          const item = queue.poll(now);
          if (item === undefined) continue;
          if (move === 'fail') queue.failed(now);
          else {
            done.push(item);
            lost += queue.delivered();
          }
        }
      }
      expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
      expect(done.length + lost).toBeLessThanOrEqual(next);
    }),
  );
});
