import { expect, test } from 'vitest';
import { counted, dayAndClock, duration, endName, grouped, moment, size } from './wording.ts';

test('durations, counts and sizes read as people say them', () => {
  expect([0, 0.44, 9.96, 37.4, 60, 252, 3599.6, 7500, 86_400].map(duration)).toEqual([
    '0 s',
    '0.4 s',
    '10 s',
    '37 s',
    '1 min',
    '4 min 12 s',
    '1 h',
    '2 h 5 min',
    '24 h',
  ]);
  expect([counted(1, 'call'), counted(0, 'call'), grouped(1_234_567), grouped(999)]).toEqual([
    '1 call',
    '0 calls',
    '1,234,567',
    '999',
  ]);
  expect([1, 999, 1400, 20_412, 12_904_331, 3e12].map(size)).toEqual([
    '1 octet',
    '999 octets',
    '1.4 kB',
    '20 kB',
    '13 MB',
    '3000 GB',
  ]);
});

test('times are told in UTC; what is no time stands as it is', () => {
  expect(moment('2026-03-04T10:15:00.123456Z')).toBe('2026-03-04 10:15:00 UTC');
  expect(moment('yesterday')).toBe('yesterday');
  expect(dayAndClock('2026-03-04T10:15:00Z')).toEqual({ day: '2026-03-04', clock: '10:15:00' });
});

test('an end is called by the best that is known of it', () => {
  const nothing = { number: null, name: null, uri: null, device: null, addresses: [] };
  expect(endName({ ...nothing, name: 'Ann', number: '12' })).toBe('Ann (12)');
  expect(endName({ ...nothing, name: '12', number: '12' })).toBe('12');
  expect(endName({ ...nothing, name: 'x'.repeat(70), number: '1' })).toBe(`${'x'.repeat(60)}… (1)`);
  expect(endName({ ...nothing, uri: 'sip:a@b' })).toBe('sip:a@b');
  expect(endName({ ...nothing, device: 'SEP0' })).toBe('SEP0');
  expect(endName({ ...nothing, addresses: ['192.0.2.1:5060'] })).toBe('192.0.2.1:5060');
  expect(endName(nothing)).toBe('unknown');
});
