import { expect, test } from 'vitest';
import { SeededRandom } from '../seeded-random.ts';
import { longestMutation, Mutator } from './mutator.ts';

const nothing = new Uint8Array(0);

function children(seed: number, count: number, parent: Uint8Array, dictionary: readonly Uint8Array[] = []): string[] {
  const mutator = new Mutator(new SeededRandom(seed), dictionary);
  return Array.from({ length: count }, () => mutator.mutate(parent, nothing).join());
}

test('one seed gives one sequence, another seed another', () => {
  const parent = Uint8Array.from({ length: 50 }, (_, at) => at);
  expect(children(1, 200, parent)).toEqual(children(1, 200, parent));
  expect(children(1, 200, parent)).not.toEqual(children(2, 200, parent));
});

test('the parent is not written into, and no child outgrows the bound', () => {
  const parent = new Uint8Array(longestMutation).fill(7);
  const other = new Uint8Array(1_000).fill(9);
  const mutator = new Mutator(new SeededRandom(1), [new Uint8Array(100).fill(5)]);
  for (let turn = 0; turn < 2_000; turn += 1) {
    expect(mutator.mutate(parent, other).length).toBeLessThanOrEqual(longestMutation);
  }
  expect(parent.every((octet) => octet === 7)).toBe(true);
});

test('something comes of nothing', () => {
  expect(new Set(children(1, 500, nothing)).size).toBeGreaterThan(50);
});

test('a word of the dictionary, a fitting length and another decimal number are a few thousand tries away at most', () => {
  const dictionary = [Uint8Array.of(0xca, 0xfe, 0xba, 0xbe)];
  expect(children(1, 500, Uint8Array.of(1, 2), dictionary)).toContain('1,202,254,186,190');
  const lengthThenFive = children(1, 3_000, Uint8Array.of(99, 99, 1, 2, 3, 4, 5));
  expect(lengthThenFive).toContain('0,5,1,2,3,4,5');
  const text = (child: string) => String.fromCharCode(...child.split(',').map(Number));
  const ports = children(1, 5_000, new TextEncoder().encode('port 5060 UDP')).map(text);
  expect(ports).toContain('port 65536 UDP');
});
