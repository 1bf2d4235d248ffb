import { TrustlineError } from '@trustline/base';
import { type LoadedConfiguration, loadConfiguration, ManagerClient } from '@trustline/manager/node';
import type { Command } from 'commander';
import { operatorTarget } from './operator-target.ts';
import type { Terminal } from './terminal.ts';

/** Options that every command takes, before or after its name. */
export interface CommonOptions {
  readonly config?: string;
  readonly data?: string;
  readonly set?: readonly string[];
  readonly manager?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly trust?: string;
  readonly reason?: string;
}

export function addCommonOptions(program: Command): void {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  program
    .option('--config <file>', 'the configuration (default: TRUSTLINE_CONFIG, then trustline.yaml here)')
    .option('--data <folder>', 'the data folder of the manager; overrides dataFolder')
    .option('--set <key=value>', 'overrides one key of the configuration; may be repeated', collect)
    .option('--manager <url>', 'ask a manager elsewhere: https://host:5443, with the three options below')
    .option('--certificate <file>', 'operator’s certificate (PEM)')
    .option('--key <file>', 'its private key (PEM)')
    .option('--trust <file>', 'the manager’s trust bundle (PEM)')
    .option('--reason <text>', 'why you change something: it is kept in the record');
}

/** The options that another command needs to mean the same manager as this one, to be appended to it. */
export function sameManager({
  config,
  data,
}: {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
}): string {
  return `${config === undefined ? '' : ` --config ${config}`}${data === undefined ? '' : ` --data ${data}`}`;
}

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
