import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';
import { statusBlock } from './status-block.ts';

export function addStatusCommands(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .description('what the running manager is doing')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline status --json')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const status = await clientOf(command, terminal).status();
      terminal.out(options.json ? json(status) : statusBlock(status));
    });
}
