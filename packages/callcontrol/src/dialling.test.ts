import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialledSoFar } from './dialling.ts';
import { continuesPattern, matchPattern, readPattern } from './number-pattern.ts';

const patterns = ['0.!', '3000', '30[0-4]X5', '112', '1124'].map(readPattern);
const numbers = ['1001', '10015', '*37'];
const isEmergency = (number: string) => number === '112';

describe('digits that come one by one', () => {
  test.each([
    ['', 'incomplete'],
    ['1', 'incomplete'],
    ['1001', 'extendable'],
    ['10015', 'complete'],
    ['10016', 'impossible'],
    ['0', 'incomplete'],
    ['05', 'extendable'],
    ['3000', 'extendable'],
    ['30005', 'complete'],
    ['3001', 'incomplete'],
    ['*3', 'incomplete'],
    ['*37', 'complete'],
    ['9', 'impossible'],
  ])('%s is %s', (digits, expected) => {
    expect(dialledSoFar(digits, { patterns, numbers, isEmergency })).toBe(expected);
  });

  test('a number for help waits for no more digits, whatever else begins with it', () => {
    expect(dialledSoFar('112', { patterns, numbers, isEmergency })).toBe('complete');
  });
});

test('digits continue a pattern exactly where a longer number that begins with them matches it', () => {
  const element = fc.constantFrom('0', '1', '2', 'X', '!', '[12]');
  const source = fc.array(element, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(source, fc.string({ unit: fc.constantFrom('0', '1', '2'), maxLength: 5 }), (written, digits) => {
      const pattern = readPattern(written);
      // Four elements more reach the end of every pattern of four.
      const tails = [1, 2, 3, 4].flatMap((length) =>
        Array.from({ length: 3 ** length }, (_, at) => at.toString(3).padStart(length, '0')),
      );
      const continues = tails.some((tail) => matchPattern(pattern, digits + tail) !== undefined);
      expect(continuesPattern(pattern, digits)).toBe(continues);
    }),
  );
});
