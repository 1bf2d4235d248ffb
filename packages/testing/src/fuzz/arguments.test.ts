import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { help, readArguments } from './arguments.ts';

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

test.each([[['--help']], [['-h']], [['sip', '--seconds', '--help']], [['--fast', '--help']]])(
  '%j asks for help',
  (args) => expect(read(...args)).toBeUndefined(),
);

test('--help prints every option, and nothing is fuzzed', () => {
  const said = execFileSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--help'], { encoding: 'utf8' });
  expect(said).toBe(`${help}\n`);
  for (const option of ['--seconds', '--seed', '--limit', '--no-coverage', '--replay', '--help']) {
    expect(said).toMatch(new RegExp(`^  ${option}\\b`, 'm'));
  }
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
