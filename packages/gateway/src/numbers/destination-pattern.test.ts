import { describe, expect, test } from 'vitest';
import { DestinationPattern } from './destination-pattern.ts';

function pattern(text: string): DestinationPattern {
  const read = DestinationPattern.read(text);
  if (read === undefined) throw new Error(`${text} is no pattern`);
  return read;
}

describe('a destination pattern', () => {
  test.each([
    ['2...', '2000', 'whole'],
    ['2...', '200', 'beginning'],
    ['2...', '20000', 'none'],
    ['2...', '3000', 'none'],
    ['9T', '9', 'whole'],
    ['9T', '90049301234', 'whole'],
    ['T', '', 'whole'],
    ['[2-46]1', '41', 'whole'],
    ['[2-46]1', '51', 'none'],
    ['[2-46]1', '6', 'beginning'],
    ['+4930T', '+4930123', 'whole'],
    ['+4930T', '004930123', 'none'],
    ['(030)5..', '030555', 'whole'],
    ['*21#', '*21#', 'whole'],
    ['.', '*', 'whole'],
    ['...', '+12', 'none'],
  ] as const)('%s and %s: %s', (text, number, match) => {
    expect(pattern(text).match(number)).toBe(match);
  });

  test.each(['', 'abc', '2+', '[', '[]', '[5-2]', '[2-', 'T2', '2,3', '2..!'])('%j is none', (text) => {
    expect(DestinationPattern.read(text)).toBeUndefined();
  });

  test('names digits, or leaves them open', () => {
    expect(pattern('+49305..T')).toMatchObject({ explicitDigits: 6, leadingDigits: 6, length: 8, isOpen: true });
    expect(pattern('[23]0.1')).toMatchObject({ explicitDigits: 2, leadingDigits: 0, length: 4, isOpen: false });
  });
});
