import { expect, test } from 'vitest';
import { DownstreamLoad } from './downstream-load.ts';

const sent = (load: DownstreamLoad, now: number, count = 100) =>
  Array.from({ length: count }, () => load.takes(now, 'trunk')).filter((takes) => takes).length;

test('RFC 7339 §6.3: of a hundred calls so many are kept back as was said, until it is valid no longer', () => {
  const load = new DownstreamLoad();
  expect(sent(load, 0)).toBe(100);
  load.heard(0, 'trunk', { loss: 30, validity: 500, sequence: 1 });
  expect(sent(load, 499)).toBe(70);
  expect(load.takes(499, 'another')).toBe(true);
  expect(sent(load, 500)).toBe(100);
});

test('all are kept back by 100, and none by 0 or a validity of 0 (RFC 7339 §4.3)', () => {
  const load = new DownstreamLoad();
  load.heard(0, 'trunk', { loss: 100, validity: 500, sequence: 1 });
  expect(sent(load, 1)).toBe(0);
  load.heard(1, 'trunk', { loss: 100, validity: 0, sequence: 2 });
  expect(sent(load, 1)).toBe(100);
});

test('RFC 7339 §4.4: what was said before is said no more', () => {
  const load = new DownstreamLoad();
  load.heard(0, 'trunk', { loss: 0, validity: 500, sequence: 2 });
  load.heard(0, 'trunk', { loss: 90, validity: 500, sequence: 1 });
  expect(sent(load, 1)).toBe(100);
  load.closed('trunk');
  load.heard(0, 'trunk', { loss: 50, validity: 500, sequence: 1 });
  expect(sent(load, 1)).toBe(50);
});
