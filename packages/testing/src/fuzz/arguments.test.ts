import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from './arguments.ts';

const root = resolve(import.meta.dirname, '../../../..');
const read = (...args: string[]) => readArguments(args, root, 5);

test('without any, all rooms have thirty seconds each, guided by coverage', () => {
  const usual = { rooms: [], seconds: 30, seed: 5, hangLimit: 10_000, coverage: true, replay: undefined };
  expect(read()).toEqual(usual);
});

test('each option is read', () => {
  const options = ['--seconds', '7', '--seed', '99', '--limit', '3', '--no-coverage', '--replay', 'x.bin'];
  expect(read('sip', ...options, 'rtp')).toEqual({
    rooms: ['sip', 'rtp'],
    seconds: 7,
    seed: 99,
    hangLimit: 3_000,
    coverage: false,
    replay: 'x.bin',
  });
});

test.each([
  [['kitchen'], 'kitchen is no room'],
  [['--fast'], '--fast is no option'],
  [['--seconds'], '--seconds takes a whole number'],
  [['--seed', '-1'], '--seed takes a whole number'],
  [['--replay'], '--replay takes a file'],
])('%j is refused: %s', (args, reason) => {
  expect(() => read(...args)).toThrow(reason);
});
