import { expect, test } from 'vitest';
import { ClosedStrangers, type StrangerClosure } from './closed-strangers.ts';

const cause = 'the limit of 100 unauthenticated connections is reached';
const from = (remoteAddress: string, reason = 'connection-limit'): StrangerClosure => ({
  cause,
  reason,
  remoteAddress,
});

test('of a flood the first closure is written at once, and the rest as one event with its number', () => {
  const closed = new ClosedStrangers();
  const written = Array.from({ length: 5_000 }, (_, at) => closed.admit(1_000 + at, from(`192.0.2.9:${at + 1_024}`)));
  expect(written.filter((closure) => closure !== undefined)).toEqual([from('192.0.2.9:1024')]);
  expect(closed.due(10_999)).toEqual([]);
  const summed = { cause: `${cause} (4999 such connections in 10 s, all from 192.0.2.9)` };
  expect(closed.due(11_000)).toEqual([{ ...from('192.0.2.9:6023'), ...summed }]);
  expect(closed.due(11_001)).toEqual([]);
});

test('a flood that goes on is one event every ten seconds; after ten quiet ones the next closure is written at once', () => {
  const closed = new ClosedStrangers();
  let written = 0;
  for (let now = 0; now < 60_000; now += 10) {
    if (closed.admit(now, from('[2001:db8::1]:5')) !== undefined) written += 1;
    written += closed.due(now).length;
  }
  expect(written).toBe(6);
  expect(closed.due(60_000)).toMatchObject([{ cause: expect.stringContaining('all from [2001:db8::1])') }]);
  expect(closed.admit(69_000, from('192.0.2.1:1'))).toBeUndefined();
  expect(closed.due(70_000)).toEqual([from('192.0.2.1:1')]); // one alone is written as it is
  expect(closed.due(80_000)).toEqual([]);
  expect(closed.admit(80_001, from('192.0.2.1:2'))).toEqual(from('192.0.2.1:2'));
});

test('closures from several hosts name none of them, and another reason is counted by itself', () => {
  const closed = new ClosedStrangers();
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) closed.admit(0, from(`${host}:1`));
  expect(closed.admit(1, from('192.0.2.4:1', 'half-message'))).toBeDefined();
  expect(closed.due(10_000)).toEqual([
    { cause: `${cause} (2 such connections in 10 s, from several hosts)`, reason: 'connection-limit' },
  ]);
});

test('what was counted is not lost when the manager stops', () => {
  const closed = new ClosedStrangers();
  for (let at = 0; at < 4; at += 1) closed.admit(5_000, from(`192.0.2.1:${at}`));
  expect(closed.rest(6_000)).toMatchObject([{ cause: `${cause} (3 such connections in 1 s, all from 192.0.2.1)` }]);
  expect(closed.rest(6_000)).toEqual([]);
});
