import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  comparePatterns,
  matchPattern,
  type NumberPattern,
  numbersOf,
  parsePattern,
  readPattern,
} from './number-pattern.ts';

function pattern(source: string): NumberPattern {
  const parsed = parsePattern(source);
  if ('fault' in parsed) throw new Error(parsed.fault.reason);
  return parsed;
}

describe('patterns', () => {
  test.each([
    ['1001', '1001', true],
    ['1001', '10011', false],
    ['1XXX', '1234', true],
    ['1XXX', '123', false],
    ['1XXX', '12*4', false],
    ['[2-9]XX', '199', false],
    ['[2-9]XX', '299', true],
    ['[135]', '3', true],
    ['[^0-1]X', '15', false],
    ['[^0-1]X', '25', true],
    ['9.!', '9', false],
    ['9.!', '9004955512', true],
    ['\\+!', '+4955512', true],
    ['+49!', '+4955512', true],
    ['*21*!#', '*21*1002#', true],
    ['!7', '777', true],
    ['!7', '778', false],
  ])('%s against %s: %s', (source, number, matches) => {
    expect(matchPattern(pattern(source), number) !== undefined).toBe(matches);
  });

  test('what stands behind the dot is the rest', () => {
    expect(matchPattern(pattern('9.!'), '90049555')).toEqual({ rest: '0049555' });
    expect(matchPattern(pattern('0[12].XX'), '0134')).toEqual({ rest: '34' });
    expect(matchPattern(pattern('1XX'), '123')).toEqual({ rest: '123' });
  });

  test.each([
    ['', 0],
    ['9..1', 2],
    ['[2-', 0],
    ['[]', 0],
    ['[9-2]', 0],
    ['[^0-9]', 0],
    ['12a', 2],
    ['.', 0],
  ])('the pattern %j is refused with its place', (source, offset) => {
    expect(parsePattern(source)).toMatchObject({ fault: { offset } });
  });

  test('no text makes reading or matching throw, and many wildcards stay fast', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (source, number) => {
        const parsed = parsePattern(source);
        if (!('fault' in parsed)) matchPattern(parsed, number);
      }),
    );
    expect(matchPattern(pattern('!'.repeat(40)), `${'1'.repeat(47)}#`)).toBeUndefined();
  });

  test('the closest pattern goes first', () => {
    const sources = ['!', '1XXX', '1[0-4]XX', '1001', '9.!', '9.0!'];
    expect(
      sources
        .map(pattern)
        .sort(comparePatterns)
        .map(({ source }) => source),
    ).toEqual(['1001', '1[0-4]XX', '1XXX', '9.0!', '9.!', '!']);
  });
});

test.each([
  ['70[1-3]', ['701', '702', '703']],
  ['*8', ['*8']],
  ['7!', []],
  ['7XXX', []],
])('the numbers of %s, a hundred at most', (source, expected) => {
  expect(numbersOf(readPattern(source), 100)).toEqual(expected);
});
