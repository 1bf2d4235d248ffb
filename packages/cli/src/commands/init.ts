import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { TrustlineError } from '@trustline/base';
import { initialiseCluster, loadConfiguration } from '@trustline/manager/node';
import { isDnsName } from '@trustline/pki/node';
import { type Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, sameManager } from '../common-options.ts';
import type { Terminal } from '../terminal.ts';
import { firstDocument } from './init-document.ts';

/** The default of the configuration is a lab's name. */
const defaultName = 'Trustline';

interface InitOptions {
  readonly name?: string;
  readonly host: readonly string[];
}

export function addInitCommands(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('make a production cluster: non-secure, until a CTL of two security tokens is published')
    .option('--name <cluster>', `the name of the cluster; it stands in every certificate (default: ${defaultName})`)
    .option('--host <name>', 'a name or address by which phones reach it; may be repeated', hosts, [])
    .addHelpText(
      'after',
      `
Writes trustline.yaml (or the document that --config names) when there is none. A bare trustline start makes a lab
cluster instead, whose trust the manager makes itself.

Example:
  trustline init --data /var/lib/trustline --name example --host voice.example.net`,
    )
    .action((options: InitOptions, command: Command) => init(options, command, terminal));
}

function hosts(value: string, before: readonly string[]): readonly string[] {
  if (isDnsName(value)) return [...before, value];
  throw new InvalidArgumentError('Allowed is a DNS name or an IPv4 address: voice.example.net. Nothing was written.');
}

async function init({ name, host }: InitOptions, command: Command, terminal: Terminal): Promise<void> {
  const { config, data, set = [] } = command.optsWithGlobals<CommonOptions>();
  const document = config ?? terminal.environment['TRUSTLINE_CONFIG'] ?? 'trustline.yaml';
  const isThere = existsSync(document);
  if (isThere && (name !== undefined || host.length > 0)) {
    throw new TrustlineError('cli.files-exist', `${document} is there already, and is not changed.`, {
      nextStep:
        'Write the name as identity.cluster and the hosts as identity.hosts into it, and leave --name and --host out.',
    });
  }
  if (!isThere) {
    const dataFolder = resolve(data ?? 'trustline-data');
    writeFileSync(document, firstDocument({ dataFolder, cluster: name ?? defaultName, hosts: host }), { flag: 'wx' });
  }
  try {
    const overrides = data === undefined ? set : [...set, `dataFolder=${data}`];
    const loaded = loadConfiguration({ file: document, set: overrides, environment: terminal.environment });
    await initialiseCluster(loaded, terminal.environment, Date.now());
    terminal.out(`The cluster is in ${loaded.dataFolder}; its configuration is ${resolve(document)}.\n`);
    terminal.out(nextSteps(config, isThere ? data : undefined));
  } catch (error) {
    // A cluster that could not be made must leave no document behind.
    if (!isThere) rmSync(document);
    throw error;
  }
}

function nextSteps(config: string | undefined, data: string | undefined): string {
  const same = sameManager({ config, data });
  const steps = [
    [`trustline start${same}`, 'then, beside it:'],
    [`trustline token init --token LABEL${same}`, 'for each of two security tokens'],
    [`trustline ctl create${same}`, 'mixed mode; until then no device is given keys'],
    [`trustline device add SEP001122334455 --line 1001${same}`, ''],
    [`trustline enrolment open SEP001122334455 --by string${same}`, ''],
    [
      'trustline phone boot --tftp HOST --mac 001122334455',
      'or a phone of yours, with this machine as its TFTP server',
    ],
  ];
  const lines = steps.map(([line, why], index) => `  ${index + 1}. ${line}${why === '' ? '' : `   (${why})`}\n`);
  return `It is non-secure: no device is given keys until a CTL is published. Next:\n${lines.join('')}`;
}
