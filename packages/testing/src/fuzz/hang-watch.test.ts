import { expect, test } from 'vitest';
import { HangWatch } from './hang-watch.ts';

/** An execution that is still the same one at each of these moments. */
function judged(...moments: readonly (readonly [now: number, processor: number])[]): boolean[] {
  const watch = new HangWatch(1_000);
  return moments.map(([now, processor]) => watch.isHung(5, { now, processor }));
}

test('one execution that works for longer than the limit hangs', () => {
  expect(judged([0, 0], [500, 500], [1_000, 1_000])).toEqual([false, false, true]);
});

test('a machine that gave it no processor, or slept, is no hang', () => {
  expect(judged([0, 0], [1_500, 300], [5_000, 900], [6_000, 1_000])).toEqual([false, false, false, true]);
});

test('what waits for ever hangs too', () => {
  expect(judged([0, 0], [9_999, 0], [10_000, 0])).toEqual([false, false, true]);
});

test('the next execution has its own time', () => {
  const watch = new HangWatch(1_000);
  expect(watch.isHung(1, { now: 0, processor: 0 })).toBe(false);
  expect(watch.isHung(2, { now: 1_200, processor: 1_200 })).toBe(false);
  expect(watch.isHung(2, { now: 2_100, processor: 2_100 })).toBe(false);
  expect(watch.isHung(2, { now: 2_200, processor: 2_200 })).toBe(true);
});
