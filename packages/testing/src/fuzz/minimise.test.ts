import { expect, test } from 'vitest';
import { minimise, minimiseSlowly } from './minimise.ts';

/** Fails over a 7 that an 8 follows somewhere. */
function fails(data: Uint8Array): boolean {
  const seven = data.indexOf(7);
  return seven >= 0 && data.indexOf(8, seven) > seven;
}

const input = Uint8Array.from({ length: 200 }, (_, at) => (at === 60 ? 7 : at === 151 ? 8 : 1 + (at % 6)));

test('what has no part in the failure is cut', () => {
  expect([...minimise(input, fails, { tries: 3_000 })]).toEqual([7, 8]);
});

test('what cannot be cut is set to zero where it does not matter', () => {
  const keepsItsLength = (data: Uint8Array) => data.length === 10 && data[4] === 7;
  expect([...minimise(new Uint8Array(10).fill(7), keepsItsLength, { tries: 200 })]).toEqual([
    0, 0, 0, 0, 7, 0, 0, 0, 0, 0,
  ]);
});

test('no more tries are made than are allowed, and each improvement is told at once', () => {
  let tries = 0;
  const told: number[] = [];
  const count = (data: Uint8Array) => {
    tries += 1;
    return fails(data);
  };
  const best = minimise(input, count, { tries: 20, onSmaller: ({ length }) => told.push(length) });
  expect(tries).toBe(20);
  expect(best.length).toBeLessThan(input.length);
  expect(told.at(-1)).toBe(best.length);
});

test('a question that takes time gives the same', async () => {
  expect(await minimiseSlowly(input, async (data) => fails(data), { tries: 3_000 })).toEqual(Uint8Array.of(7, 8));
});

test('an input that fails whatever it holds becomes empty, and one of nothing stays so', () => {
  expect(minimise(input, () => true, { tries: 100 }).length).toBe(0);
  expect(minimise(new Uint8Array(0), () => true, { tries: 100 }).length).toBe(0);
});
