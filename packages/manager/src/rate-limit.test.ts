import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

function taken(limit: RateLimit, now: number): number {
  let count = 0;
  while (limit.take(now)) count += 1;
  return count;
}

test('gives a second’s worth at once, then so many a second, and never saves up more', () => {
  const limit = new RateLimit(10);
  expect(taken(limit, 5_000)).toBe(10);
  expect(taken(limit, 5_250)).toBe(2);
  expect(taken(limit, 5_300)).toBe(1);
  expect(taken(limit, 3_600_000)).toBe(10);
});

test('gives a burst of its own size where it has one', () => {
  const limit = new RateLimit(10, 100);
  expect(taken(limit, 0)).toBe(100);
  expect(taken(limit, 1_000)).toBe(10);
});

test('a time that goes back gives nothing and takes nothing', () => {
  const limit = new RateLimit(10);
  expect(taken(limit, 5_000)).toBe(10);
  expect(taken(limit, 4_000)).toBe(0);
  expect(taken(limit, 5_000)).toBe(0);
  expect(taken(limit, 5_100)).toBe(1);
});
