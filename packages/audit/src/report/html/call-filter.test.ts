import { describe, expect, test } from 'vitest';
import { type CallFilter, everyCall, filtered } from './call-filter.ts';
import { callRow } from './call-row.ts';
import { officeReport } from './report.fixture.ts';

const rows = officeReport(false).calls.map(callRow);
const numbers = (filter: Partial<CallFilter>) =>
  filtered(rows, { ...everyCall, ...filter }).map(({ number }) => number);

describe('a filter of calls', () => {
  test('without anything chosen lets every call through', () => {
    expect(filtered(rows, everyCall)).toEqual(rows);
  });

  test('takes any of the verdicts chosen', () => {
    expect(numbers({ verdicts: new Set(['keys-exposed', 'cannot-tell']) })).toEqual([5, 7]);
  });

  test('knows calls of which media alone was seen', () => {
    expect(numbers({ protocol: 'none' })).toEqual([3]);
    expect(numbers({ protocol: 'h323' })).toEqual([8]);
  });

  test('finds every word, in names, numbers, addresses, devices and reasons, whatever their case', () => {
    expect(numbers({ text: 'sep0011223344aa' })).toEqual([5]);
    expect(numbers({ text: ' PAYMENT  hotline ' })).toEqual([1]);
    expect(numbers({ text: '10.20.7.3' })).toEqual([3]);
    expect(numbers({ text: 'payment skinny' })).toEqual([]);
  });

  test('tells digits from card numbers', () => {
    expect(numbers({ digits: 'with-digits' })).toEqual([1, 4]);
    expect(numbers({ digits: 'with-card' })).toEqual([1]);
  });

  test('takes both ends of a time as within, to their precision; a call without a time is in none', () => {
    expect(numbers({ from: '2026-03-04T10:21', to: '2026-03-04T10:24' })).toEqual([4, 5]);
    expect(numbers({ from: '2026-03-04T10:21:10', to: '2026-03-04T10:23:59' })).toEqual([4]);
    expect(numbers({ to: '2027-01-01T00:00' })).not.toContain(7);
  });

  test('shows the calls that a finding is of', () => {
    expect(numbers({ finding: 'clear-audio' })).toEqual([1, 3]);
  });
});
