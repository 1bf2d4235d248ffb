import { type RunningManager, startManager } from '@trustline/manager/node';
import { type Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, sameManager } from '../common-options.ts';
import { onInterruption } from '../interruption.ts';
import { clientOf, configurationOf } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { nextCommands } from './next-commands.ts';
import { statusBlock } from './status-block.ts';

export function addStartCommands(program: Command, terminal: Terminal): void {
  program
    .command('start')
    .description('run the call manager here, until Ctrl-C or SIGTERM')
    .addHelpText(
      'after',
      `
The first start makes a data folder with a lab cluster in mixed mode. SIGTERM or Ctrl-C takes no new calls and
waits for running ones (drainSeconds); a second one stops at once.

Examples:
  trustline start
  trustline start --data /var/lib/trustline --set 'listeners=[{transport: tls, port: 15061}]'`,
    )
    .action((_options: unknown, command: Command) => start(command, terminal));

  program
    .command('stop')
    .description('end the running manager: no new calls, running ones may end')
    .addHelpText('after', '\nExamples:\n  trustline stop\n  trustline stop --seconds 60')
    .option(
      '--seconds <n>',
      'how long running calls may go on, in seconds (default: drainSeconds of the configuration)',
      wholeNumber,
    )
    .action(async (options: { readonly seconds?: number }, command: Command) => {
      await clientOf(command, terminal).drain(options.seconds);
      terminal.out('The manager takes no new calls and stops when the running ones have ended.\n');
    });
}

async function start(command: Command, terminal: Terminal): Promise<void> {
  const loaded = configurationOf(command, terminal);
  const manager = await startManager({ loaded, environment: terminal.environment });
  const release = handleSignals(manager, loaded.configuration.drainSeconds * 1_000, terminal);
  const status = await manager.status();
  terminal.out(statusBlock(status));
  terminal.out(nextCommands(status, sameManager(command.optsWithGlobals<CommonOptions>())));
  await manager.stopped;
  release();
  terminal.out('Stopped.\n');
}

/** The first signal drains, the second stops at once; the returned function lets go of them. */
function handleSignals(manager: RunningManager, drainTime: number, terminal: Terminal): () => void {
  return onInterruption(
    () => {
      terminal.out('Stopping: no new calls are taken, running ones may end. Again to stop at once.\n');
      void manager.drain(drainTime);
    },
    () => void manager.stop(),
  );
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted');
  return Number(text);
}
