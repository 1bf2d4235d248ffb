import { Command, CommanderError, Help, Option } from 'commander';
import { type CommandGroup, commandGroups } from './commands/table.ts';
import { addCommonOptions } from './common-options.ts';
import { exitCodeMeanings, exitCodes } from './exit-codes.ts';
import { printFailure, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line (without node and script); resolves to the exit code. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = await createProgram(terminal, argv);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return terminal.exitCode;
  } catch (failure) {
    if (!(failure instanceof CommanderError)) return printFailure(terminal, failure);
    // Commander has printed what was wrong, or the help that was asked for.
    if (failure.exitCode === 0) return exitCodes.done;
    const [group] = groupsOf(argv, program);
    return group?.usageStatus ?? exitCodes.usage;
  }
}

/** Every command, made for one terminal; of a command line only those that it may mean. */
export async function createProgram(terminal: Terminal, argv: readonly string[] = []): Promise<Command> {
  const program = new Command('trustline');
  program
    .description('Secure voice: a call manager whose calls are encrypted, and provably so.')
    .version(version)
    .showHelpAfterError('  next: --help says what it takes.')
    .addHelpText('after', () => {
      const codes = exitCodeMeanings.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n');
      return `\nExit codes:\n${codes}\n`;
    });
  addCommonOptions(program);
  const additions = await Promise.all(groupsOf(argv, program).map(({ load }) => load()));
  for (const add of additions) add(program, terminal);
  configure(program, terminal);
  return program;
}

/** The groups that have the command of a command line; every one where it names none: its help, and what it says of typing errors, are of all. */
function groupsOf(argv: readonly string[], program: Command): readonly CommandGroup[] {
  const word = firstWord(argv, program) ?? '';
  const groups = commandGroups.filter(({ names }) => names.includes(word));
  return groups.length === 0 ? commandGroups : groups;
}

/** The first word after the common options, each of which takes a value. */
function firstWord([first, ...rest]: readonly string[], program: Command): string | undefined {
  const [name] = first?.split('=') ?? [];
  if (!program.options.some(({ long }) => long === name)) return first;
  return firstWord(first?.includes('=') ? rest : rest.slice(1), program);
}

/** Commander hands these to the commands that are made through their parent only, so all get them here. */
function configure(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .configureHelp({ optionDescription })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.error });
  for (const child of command.commands) configure(child, terminal);
}

/** That nothing is given by default of what may be repeated goes without saying. */
function optionDescription(option: Option): string {
  const isEmptyList = Array.isArray(option.defaultValue) && option.defaultValue.length === 0;
  const said = isEmptyList
    ? Object.assign(new Option(option.flags, option.description), { argChoices: option.argChoices })
    : option;
  return new Help().optionDescription(said);
}
