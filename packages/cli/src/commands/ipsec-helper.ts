import { IpsecHelper } from '@trustline/ipsec/node';
import { ipsecHelperOptions } from '@trustline/manager/node';
import type { Command } from 'commander';
import { onInterruption } from '../interruption.ts';
import { configurationOf } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export function addIpsecHelperCommand(ipsec: Command, terminal: Terminal): void {
  ipsec
    .command('helper')
    .description('run what needs root, until SIGTERM: the IKE daemon, the guard and the two sockets for the manager')
    .addHelpText(
      'after',
      `
It reads the section ipsec of the configuration. The guard is closed before the daemon starts, and stays closed when this
ends. packaging/systemd/trustline-ipsec.service runs it.

Example:
  trustline ipsec helper --config /etc/trustline.yaml`,
    )
    .action(async (_options: unknown, command: Command) => {
      const { configuration } = configurationOf(command, terminal);
      const say = (sentence: string) => terminal.error(`${sentence}\n`);
      const helper = await IpsecHelper.start({ ...ipsecHelperOptions(configuration.ipsec), say });
      const { promise, resolve } = Promise.withResolvers<void>();
      const release = onInterruption(resolve, resolve);
      terminal.out(`The IPsec helper runs; its sockets are in ${configuration.ipsec.folder}.\n`);
      await promise;
      await helper.stop();
      release();
      terminal.out('Stopped; the guard stays closed.\n');
    });
}
