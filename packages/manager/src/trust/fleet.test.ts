import { expect, test } from 'vitest';
import { trustStateOf } from './fleet.ts';

const list = (held: number | undefined, published: number | undefined, wouldTake = true) => ({
  held,
  published,
  wouldTake,
});

test.each([
  ['unknown', 'never fetched a list', [list(undefined, 1), list(undefined, 2)]],
  ['up-to-date', 'holds what is published', [list(1, 1), list(2, 2)]],
  ['up-to-date', 'holds the only kind that is published', [list(undefined, undefined), list(2, 2)]],
  ['behind', 'holds an earlier one', [list(1, 3), list(2, 2)]],
  ['behind', 'has not fetched the second kind yet', [list(undefined, 3), list(2, 2)]],
  ['locked', 'refuses one', [list(1, 3, false), list(2, 2)]],
  ['locked', 'refuses one, whatever else it has not fetched', [list(undefined, 3), list(2, 4, false)]],
  ['unknown', 'nothing is published', [list(undefined, undefined), list(undefined, undefined)]],
] as const)('a phone is %s when it %s', (state, _, lists) => {
  expect(trustStateOf(lists)).toBe(state);
});
