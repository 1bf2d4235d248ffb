import { eventLine } from '@trustline/evidence';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { wholeNumber } from './start.ts';

interface EventOptions {
  readonly follow?: true;
  readonly limit?: number;
  readonly json?: true;
}

export function addEventCommands(program: Command, terminal: Terminal): void {
  program
    .command('events')
    .description('the last security events, each with its cause')
    .option('-f, --follow', 'then all that come, until Ctrl-C')
    .option('-n, --limit <n>', 'how many of the last (default: 50)', wholeNumber)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', '\nExamples:\n  trustline events --follow\n  trustline events --limit 1000 --json')
    .action(async (options: EventOptions, command: Command) => {
      const { follow = false, limit } = options;
      const events = clientOf(command, terminal).events({ follow, ...(limit === undefined ? {} : { limit }) });
      for await (const event of events) {
        terminal.out(options.json ? `${JSON.stringify(event)}\n` : `${eventLine(event)}\n`);
      }
    });
}
