import { expect, test } from 'vitest';
import { CoveredCode, reaches, type ScriptCoverage } from './covered-code.ts';

const url = 'file:///a.ts';

/** Ranges as [start, end, count]; each list is a function. */
function script(...functions: (readonly (readonly [number, number, number])[])[]): ScriptCoverage[] {
  const ranges = functions.map((list) => ({
    ranges: list.map(([startOffset, endOffset, count]) => ({ startOffset, endOffset, count })),
  }));
  return [{ url, functions: ranges }];
}

test('what ran is new once, whatever ranges it is reported in later', () => {
  const covered = new CoveredCode();
  const first = covered.unseen(
    script(
      [[0, 100, 1]],
      [
        [10, 50, 2],
        [20, 30, 0],
      ],
    ),
  );
  expect(first.map(({ start, end }) => [start, end])).toEqual([
    [0, 10],
    [10, 20],
    [30, 50],
    [50, 100],
  ]);
  covered.add(first);
  expect(covered.unseen(script([[0, 100, 7]], [[10, 50, 0]]))).toEqual([]);
  expect(covered.unseen(script([[0, 100, 7]]))).toEqual([{ url, start: 20, end: 30 }]);
  expect(covered.share).toBeCloseTo(0.9);
});

test('an inner range overrules the outer one, and functions that did not run are not run', () => {
  const taken = script(
    [[0, 100, 1]],
    [
      [10, 50, 3],
      [20, 30, 0],
    ],
    [[60, 70, 0]],
  );
  const ran = [0, 9, 10, 19, 20, 29, 30, 60, 69, 70].filter((start) => reaches(taken, { url, start, end: start + 1 }));
  expect(ran).toEqual([0, 9, 10, 19, 30, 70]);
  expect(reaches(taken, { url: 'file:///b.ts', start: 0, end: 1 })).toBe(false);
});

test('a script of which more is reported later grows, and keeps what was seen', () => {
  const covered = new CoveredCode();
  covered.add(covered.unseen(script([[10, 20, 1]])));
  expect(covered.unseen(script([[0, 40, 1]]))).toEqual([
    { url, start: 0, end: 10 },
    { url, start: 20, end: 40 },
  ]);
  expect([covered.has({ url, start: 15, end: 16 }), covered.has({ url, start: 5, end: 6 })]).toEqual([true, false]);
});
