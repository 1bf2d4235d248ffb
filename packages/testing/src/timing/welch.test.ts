import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { WelchTest } from './welch.ts';

/** By the textbook: means and variances over lists, in two passes. */
function textbook(first: readonly number[], second: readonly number[]): number {
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const error = (list: readonly number[]) =>
    list.reduce((sum, value) => sum + (value - mean(list)) ** 2, 0) / (list.length - 1) / list.length;
  return (mean(first) - mean(second)) / Math.sqrt(error(first) + error(second));
}

function tested(first: readonly number[], second: readonly number[]): WelchTest {
  const test = new WelchTest();
  for (const value of first) test.add(0, value);
  for (const value of second) test.add(1, value);
  return test;
}

describe("Welch's t", () => {
  test('of two small samples is what a pencil gives', () => {
    // Means 2 and 5, variances 1 and 4, three values each: -3 / sqrt(1/3 + 4/3).
    expect(tested([1, 2, 3], [3, 5, 7]).t).toBeCloseTo(-3 / Math.sqrt(5 / 3), 12);
  });

  test('is that of the textbook, for samples of different size and spread far from zero', () => {
    const random = new SeededRandom(1);
    const first = Array.from({ length: 3_000 }, () => 1e9 + random.next());
    const second = Array.from({ length: 500 }, () => 1e9 + 0.1 + 5 * random.next());
    expect(tested(first, second).t).toBeCloseTo(textbook(first, second), 4);
  });

  test('says nothing of too little, and everything of constants that differ', () => {
    expect(tested([1], [2]).t).toBe(0);
    expect(tested([1, 1], [1, 1]).t).toBe(0);
    expect(tested([1, 1], [2, 2]).t).toBe(Number.NEGATIVE_INFINITY);
  });
});
