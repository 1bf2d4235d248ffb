import { expect, test } from 'vitest';
import { type StrangerEvent, StrangerEvents } from './stranger-events.ts';

const cause = 'the limit of 100 unauthenticated connections is reached';
const from = (remoteAddress: string, reason = 'connection-limit'): StrangerEvent => ({
  kind: 'connection-closed',
  cause,
  reason,
  remoteAddress,
});

test('of a flood the first event is written at once, and the rest as one event with its number', () => {
  const closed = new StrangerEvents();
  const written = Array.from({ length: 5_000 }, (_, at) => closed.admit(1_000 + at, from(`192.0.2.9:${at + 1_024}`)));
  expect(written.filter((event) => event !== undefined)).toEqual([from('192.0.2.9:1024')]);
  expect(closed.due(10_999)).toEqual([]);
  const summed = { cause: `${cause} (4999 such connections in 10 s, all from 192.0.2.9)` };
  expect(closed.due(11_000)).toEqual([{ ...from('192.0.2.9:6023'), ...summed }]);
  expect(closed.due(11_001)).toEqual([]);
});

test('a flood that goes on is one event every ten seconds; after ten quiet ones the next event is written at once', () => {
  const closed = new StrangerEvents();
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

test('what several hosts caused names none of them, and another reason or kind is counted by itself', () => {
  const closed = new StrangerEvents();
  for (const host of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) closed.admit(0, from(`${host}:1`));
  expect(closed.admit(1, from('192.0.2.4:1', 'half-message'))).toBeDefined();
  expect(closed.admit(1, { ...from('192.0.2.4:1'), kind: 'handshake-refused' })).toBeDefined();
  expect(closed.due(10_000)).toEqual([
    {
      kind: 'connection-closed',
      cause: `${cause} (2 such connections in 10 s, from several hosts)`,
      reason: 'connection-limit',
    },
  ]);
});

test.each([
  ['192.0.2.1:5', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['[2001:db8::1]:5', '[2001:db8::1]'],
  ['2001:db8::1', '2001:db8::1'],
])('of %s the host is %s', (address, host) => {
  const events = new StrangerEvents();
  for (let turn = 0; turn < 3; turn += 1) events.admit(0, from(address));
  expect(events.rest(1_000)[0]?.cause).toContain(`, all from ${host})`);
});

test('what was counted is not lost when the manager stops', () => {
  const closed = new StrangerEvents();
  for (let at = 0; at < 4; at += 1) closed.admit(5_000, from(`192.0.2.1:${at}`));
  expect(closed.rest(6_000)).toMatchObject([{ cause: `${cause} (3 such connections in 1 s, all from 192.0.2.1)` }]);
  expect(closed.rest(6_000)).toEqual([]);
});

test('refused requests are counted as such, and name a device where all of them did', () => {
  const refused = (device: string): StrangerEvent => ({
    kind: 'file-refused',
    cause: 'TFTP: x: refused',
    reason: 'bad-name',
    remoteAddress: '192.0.2.1:2',
    device,
  });
  const events = new StrangerEvents();
  for (let turn = 0; turn < 3; turn += 1) events.admit(0, refused('SEP000000000001'));
  const sum = {
    ...refused('SEP000000000001'),
    cause: 'TFTP: x: refused (2 such requests in 10 s, all from 192.0.2.1)',
  };
  expect(events.due(10_000)).toEqual([sum]);
  for (const device of ['SEP000000000001', 'SEP000000000002']) events.admit(10_001, refused(device));
  const { device: _, ...nameless } = sum;
  expect(events.due(20_000)).toEqual([nameless]);
});
