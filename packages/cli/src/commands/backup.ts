import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TrustlineError } from '@trustline/base';
import { type BackupContents, checkBackup, restoreBackup } from '@trustline/manager/node';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { askPassphrase } from '../passphrase-input.ts';
import { json, type Terminal } from '../terminal.ts';
import { writeNew } from './new-file.ts';

/** Version of what both commands print as JSON. */
const BACKUP_ANSWER_SCHEMA = 1;

interface BackupOptions {
  readonly out: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

interface RestoreOptions {
  readonly dataFolder: string;
  readonly passphraseFile?: string;
  readonly json?: true;
}

const passphraseHelp = `
The passphrase is the first line of --passphrase-file (mode 0600), the variable TRUSTLINE_BACKUP_PASSPHRASE, or asked
for. There is no way around a lost one.
`;

export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .description('write everything that is kept, private keys included, to one encrypted file, while the manager runs')
    .requiredOption('--out <file>', 'a file that must not exist yet')
    .option('--passphrase-file <file>', 'its first line is the passphrase')
    .option('--json', 'as JSON')
    .addHelpText('after', `${passphraseHelp}\nExample:\n  trustline backup --out trustline.backup`)
    .action((options: BackupOptions, command: Command) => backup(options, command, terminal));

  program
    .command('restore <file>')
    .description('make a data folder of a backup, on this machine or another; no manager is asked')
    .requiredOption('--data-folder <folder>', 'a folder that is empty or not there yet')
    .option('--passphrase-file <file>', 'its first line is the passphrase')
    .option('--json', 'as JSON')
    .addHelpText('after', `${passphraseHelp}\nExample:\n  trustline restore trustline.backup --data-folder restored`)
    .action((file: string, options: RestoreOptions) => restore(file, options, terminal));
}

async function backup({ out, passphraseFile, ...options }: BackupOptions, command: Command, terminal: Terminal) {
  if (existsSync(out)) {
    throw new TrustlineError('cli.files-exist', `${out} exists already and is not overwritten.`, {
      nextStep: 'Name another file with --out.',
    });
  }
  const client = clientOf(command, terminal);
  await client.status(); // before anybody is asked for a passphrase
  const passphrase = await askPassphrase(passphraseFile, terminal, { twice: true });
  await writeNew(out, client.backup(passphrase));
  const contents = await checkBackup(out, passphrase);
  if (options.json) return terminal.out(asJson(contents, { file: out }));
  terminal.out(
    `${out} holds ${contents.files} files of ${contents.node}; it was opened again to its end, and holds.\n`,
  );
}

async function restore(file: string, { dataFolder, passphraseFile, ...options }: RestoreOptions, terminal: Terminal) {
  const passphrase = await askPassphrase(passphraseFile, terminal);
  const contents = await restoreBackup(file, passphrase, dataFolder, Date.now());
  if (options.json) return terminal.out(asJson(contents, { dataFolder }));
  const { node, at, files, configuration, keysNeedPassphrase } = contents;
  const document = configuration === null ? '' : ` --config ${join(dataFolder, 'trustline.yaml')}`;
  terminal.out(`${files} files of ${node}, as of ${at}, are in ${dataFolder}.\n`);
  if (configuration !== null) {
    terminal.out(`Its configuration was ${configuration}: look at the addresses and paths in it before the start.\n`);
  }
  if (keysNeedPassphrase) {
    terminal.out(
      'Its private keys are encrypted besides: TRUSTLINE_PASSPHRASE or identity.passphraseFile opens them.\n',
    );
  }
  terminal.out(`Start it, and never beside the first one: trustline start${document} --data ${dataFolder}\n`);
}

function asJson({ node, ...contents }: BackupContents, where: object): string {
  return json({ schema: BACKUP_ANSWER_SCHEMA, node, ...contents, ...where });
}
