import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceSet } from './sequenceset.ts';

const range = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 8 }))
  .map(([first, more]) => [first, first + more] as const);

test('a set of ranges answers as a set of numbers does, whatever the order they came in', () => {
  fc.assert(
    fc.property(fc.array(range), fc.array(range), fc.array(range), (ours, theirs, others) => {
      const [set, numbers] = build(ours);
      const [second, secondNumbers] = build(theirs);
      const [third, thirdNumbers] = build(others);
      expect(set.size).toBe(numbers.size);
      const outside = [...numbers].filter((number) => !secondNumbers.has(number) && !thirdNumbers.has(number));
      expect(set.firstOutside(second, third)).toBe(outside.length === 0 ? undefined : Math.min(...outside));
    }),
  );
});

function build(ranges: readonly (readonly [number, number])[]): [SequenceSet, Set<number>] {
  const set = new SequenceSet();
  const numbers = new Set<number>();
  for (const [first, last] of ranges) {
    set.add([first, last]);
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [set, numbers];
}
