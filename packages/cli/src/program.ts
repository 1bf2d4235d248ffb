import { version } from '@trustline/manager';
import { Command, CommanderError } from 'commander';
import { commandGroups } from './commands/table.ts';
import { exitCodeMeanings, exitCodes } from './exit-codes.ts';
import { addCommonOptions } from './options.ts';
import { printFailure, type Terminal } from './terminal.ts';

/** Runs one command line (without node and script); resolves to the exit code. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return terminal.exitCode;
  } catch (failure) {
    if (!(failure instanceof CommanderError)) return printFailure(terminal, failure);
    // Commander has printed what was wrong, or the help that was asked for.
    return failure.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
}

/** Every command, made for one terminal. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('trustline');
  program
    .description('Secure voice: a call manager whose calls are encrypted, and provably so.')
    .version(version)
    .showHelpAfterError('(--help says more)')
    .addHelpText('after', () => {
      const codes = exitCodeMeanings.map(([code, meaning]) => `  ${code}  ${meaning}`).join('\n');
      return `\nExit codes:\n${codes}\n`;
    });
  addCommonOptions(program);
  for (const add of commandGroups) add(program, terminal);
  configure(program, terminal);
  return program;
}

/** Commander hands these to the commands that are made through their parent only, so all get them here. */
function configure(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.error });
  for (const child of command.commands) configure(child, terminal);
}
