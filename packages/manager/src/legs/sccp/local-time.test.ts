import { expect, test } from 'vitest';
import { localTime } from './local-time.ts';

const at = Date.UTC(2026, 2, 29, 0, 59, 58, 250);

test.each([
  ['UTC', { year: 2026, month: 3, day: 29, dayOfWeek: 0, hour: 0, minute: 59, second: 58 }],
  ['Europe/Berlin', { day: 29, hour: 1, minute: 59 }],
  ['America/New_York', { day: 28, dayOfWeek: 6, hour: 20 }],
])('the time in %s', (zone, expected) => {
  expect(localTime(at, zone)).toMatchObject({ ...expected, millisecond: 250, unixSeconds: at / 1_000 - 0.25 });
});

test('an hour after, summer time has begun in Berlin', () => {
  expect(localTime(at + 3_600_000, 'Europe/Berlin')).toMatchObject({ hour: 3, minute: 59 });
});
