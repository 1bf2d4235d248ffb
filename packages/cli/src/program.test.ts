import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commandGroups } from './commands/table.ts';
import { createProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

const terminal: Terminal = { out: () => undefined, error: () => undefined, environment: {}, exitCode: 0 };
const namesOf = (command: Command) => [...new Set(command.commands.map((one) => one.name()))];

/** Of a command and all below it, as `enrolment open --key-kind`. */
function options(command: Command, path: string): readonly string[] {
  const own = command.options.map(({ long }) => `${path} ${long}`.trim());
  return [...own, ...command.commands.flatMap((child) => options(child, `${path} ${child.name()}`.trim()))];
}

test('no command has an option by the name of a common one, which would be taken in its place', async () => {
  const program = await createProgram(terminal);
  const common = program.options.map(({ long }) => long);
  const all = options(program, '').filter((option) => option.includes(' '));
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((option) => common.includes(option.split(' ').at(-1)))).toEqual([]);
});

test('each group adds the commands under whose names it is found', async () => {
  for (const { names, load } of commandGroups) {
    const program = new Command();
    (await load())(program, terminal);
    expect(namesOf(program)).toEqual(names);
  }
});

test('a command line has the commands of its group alone, whatever common options stand before it', async () => {
  for (const argv of [
    ['calls', '--json'],
    ['--data', 'stop', '--set=log.level=debug', 'calls'],
  ]) {
    expect(namesOf(await createProgram(terminal, argv))).toEqual(['calls', 'call']);
  }
  expect(namesOf(await createProgram(terminal, ['gateway', 'run', 'gateway.yaml']))).toEqual(['gateway']);
});

test('of help, of no command and of one that does not exist, every command is there', async () => {
  const all = namesOf(await createProgram(terminal));
  expect(all.length).toBeGreaterThan(25);
  for (const argv of [['--help'], ['help', 'calls'], ['cals'], ['--data', 'calls'], ['--version', 'calls']]) {
    expect(namesOf(await createProgram(terminal, argv))).toEqual(all);
  }
});

/** What `--help` says of each command without commands of its own, by its words. */
function helps(command: Command, path: string, said: string[]): readonly (readonly [string, string])[] {
  if (command.commands.length > 0) {
    return command.commands.flatMap((child) => helps(child, `${path} ${child.name()}`.trim(), said));
  }
  said.length = 0;
  command.outputHelp();
  return [[path, said.join('')]];
}

test('the help of every command has an example of it', async () => {
  const said: string[] = [];
  const all = helps(await createProgram({ ...terminal, out: (text) => said.push(text) }), '', said);
  expect(all.length).toBeGreaterThan(60);
  expect(all.flatMap(([path, help]) => (/^Examples?:\n {2}\S/m.test(help) ? [] : [path]))).toEqual([]);
  expect(all.flatMap(([path, help]) => (/default: \[\]|\(default [^:p]|by default/.test(help) ? [path] : []))).toEqual(
    [],
  );
});
