import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './program.ts';

/** Of a command and all below it, as `enrolment open --key-kind`. */
function options(command: Command, path: string): readonly string[] {
  const own = command.options.map(({ long }) => `${path} ${long}`.trim());
  return [...own, ...command.commands.flatMap((child) => options(child, `${path} ${child.name()}`.trim()))];
}

test('no command has an option by the name of a common one, which would be taken in its place', () => {
  const program = createProgram({ out: () => undefined, error: () => undefined, environment: {}, exitCode: 0 });
  const common = program.options.map(({ long }) => long);
  const all = options(program, '').filter((option) => option.includes(' '));
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((option) => common.includes(option.split(' ').at(-1)))).toEqual([]);
});
