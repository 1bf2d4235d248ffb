import { expect, test } from 'vitest';
import { mostWatched, ScanWatch, suspiciousFailures } from './scan-watch.ts';

test('one address that fails again and again is spoken of once, then again after ten minutes if it goes on', () => {
  const watch = new ScanWatch();
  const said = Array.from({ length: 1_000 }, (_, at) => watch.failed(100 * at, '192.0.2.66'));
  expect(said.filter((scan) => scan !== undefined)).toEqual([
    { host: '192.0.2.66', failures: suspiciousFailures, seconds: 2 },
  ]);
  const later = Array.from({ length: suspiciousFailures }, (_, at) => watch.failed(700_000 + at, '192.0.2.66'));
  expect(later.at(-1)).toMatchObject({ failures: suspiciousFailures });
});

test('somebody who mistypes now and then is no scan, nor are many who do it once', () => {
  const watch = new ScanWatch();
  for (let minute = 0; minute < 60; minute += 1) {
    for (let turn = 0; turn < suspiciousFailures - 1; turn += 1) {
      expect(watch.failed(61_000 * minute, '192.0.2.7')).toBeUndefined();
    }
  }
  for (let at = 0; at < 100; at += 1) expect(watch.failed(0, `198.51.100.${at}`)).toBeUndefined();
});

test('a flood from ever new addresses takes no more memory', () => {
  const watch = new ScanWatch();
  for (let at = 0; at < 20_000; at += 1) watch.failed(at, `2001:db8::${at.toString(16)}`);
  expect(watch.size).toBe(mostWatched);
});
