import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';

export function addAlarmCommands(program: Command, terminal: Terminal): void {
  const alarms = program.command('alarms').description('events that reach people by syslog and webhook');

  alarms
    .command('test')
    .description('send a test to every destination of the configuration, and say whom it reached')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline alarms test')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).testAlarms();
      if (answer.tests.some(({ failure }) => failure !== null)) terminal.exitCode = exitCodes.failed;
      if (options.json) return terminal.out(json(answer));
      for (const { destination, failure } of answer.tests) {
        terminal.out(`${destination}: ${failure === null ? 'sent' : `NOT sent: ${failure}`}\n`);
      }
    });
}
