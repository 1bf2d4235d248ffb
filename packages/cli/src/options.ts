import { TrustlineError } from '@trustline/base';
import { type LoadedConfiguration, loadConfiguration, ManagerClient } from '@trustline/manager/node';
import type { Command } from 'commander';
import type { CommonOptions } from './common-options.ts';
import { operatorTarget } from './operator-target.ts';
import type { Terminal } from './terminal.ts';

/** The configuration that the options, the environment and the document make together. */
export function configurationOf(command: Command, terminal: Terminal): LoadedConfiguration {
  const { config, data, set = [] } = command.optsWithGlobals<CommonOptions>();
  const overrides = data === undefined ? set : [...set, `dataFolder=${data}`];
  return loadConfiguration({ file: config, set: overrides, environment: terminal.environment });
}

/** The manager that a command asks: on this machine by its local socket, or elsewhere by HTTPS. */
export function clientOf(command: Command, terminal: Terminal): ManagerClient {
  const { manager, certificate, key, trust, reason } = command.optsWithGlobals<CommonOptions>();
  if (manager === undefined) {
    return new ManagerClient({ kind: 'socket', path: configurationOf(command, terminal).apiSocket }, reason);
  }
  if (certificate === undefined || key === undefined || trust === undefined) {
    throw new TrustlineError('cli.operator-files', '--manager needs --certificate, --key and --trust as well.', {
      nextStep: 'Make them where the manager runs: trustline operator add NAME --role ROLE --out FOLDER',
    });
  }
  return new ManagerClient(operatorTarget(manager, { certificate, key, trust }), reason);
}
