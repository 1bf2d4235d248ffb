import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueNotices, noticeDays, noticeKey, type WatchedCertificate } from './expiry-watch.ts';

const day = 86_400_000;
const end = Date.UTC(2027, 0, 1, 12);
const certificate: WatchedCertificate = { fingerprint: 'aa', what: 'It', notAfter: end, nextStep: 'Renew it.' };

/** Watches at these moments, remembering what was said. */
function watch(moments: readonly number[]): readonly (readonly [number, number])[] {
  const given = new Set<string>();
  return moments.flatMap((now) =>
    dueNotices([certificate], given, now).map(({ days }) => {
      given.add(noticeKey('aa', days));
      return [now, days] as const;
    }),
  );
}

test('an end is told 90, 30 and 7 days before, and at it, once each, whatever the watch is looked at', () => {
  const hours = Array.from({ length: 120 * 24 }, (_, hour) => end - 100 * day + hour * 3_600_000);
  expect(watch(hours)).toEqual(noticeDays.map((days) => [end - days * day, days]));
});

test('a watch that begins late says the nearest notice alone', () => {
  expect(watch([end - 5 * day, end - 4 * day])).toEqual([[end - 5 * day, 7]]);
  expect(watch([end + day, end + 2 * day])).toEqual([[end + day, 0]]);
});

test('never twice the same notice, and never a larger one after a smaller', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -100, max: 20 }), { maxLength: 30 }), (days) => {
      const moments = days.sort((a, b) => a - b).map((one) => end + one * day);
      const said = watch(moments).map(([, one]) => one);
      expect(said).toEqual([...new Set(said)].sort((a, b) => b - a));
    }),
  );
});

test.each([
  [90, 'It expires on 2027-01-01 12:00 UTC, in 90 days.'],
  [1, 'It expires on 2027-01-01 12:00 UTC, in 1 day.'],
  [0.5, 'It expires on 2027-01-01 12:00 UTC, within a day.'],
  [0, 'It expired on 2027-01-01 12:00 UTC.'],
])('%d days before it reads well', (days, cause) => {
  expect(dueNotices([certificate], new Set(), end - days * day)).toMatchObject([{ cause }]);
});
