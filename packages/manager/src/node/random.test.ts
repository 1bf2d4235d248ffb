import { expect, test } from 'vitest';
import { pooledRandom } from './random.ts';

test('gives as many octets as asked for, never the same twice, and each its own memory', () => {
  const random = pooledRandom();
  const drawn = Array.from({ length: 2_000 }, () => random(16));
  expect(new Set(drawn.map((octets) => octets.join())).size).toBe(2_000);
  expect(drawn.every(({ length, buffer }) => length === 16 && buffer.byteLength === 16)).toBe(true);
  expect(random(10_000).length).toBe(10_000);
  expect(random(0).length).toBe(0);
});
