import { readFileSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { names } from './ctl-words.ts';

interface RemoveOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: true;
}

const fingerprintHelp = 'SHA-256 or its beginning, as the list shows it';

export function addManufacturerCommands(pki: Command, terminal: Terminal): void {
  const manufacturer = pki
    .command('manufacturer')
    .description('whose manufacturer installed certificates (MICs) authenticate enrolments');

  manufacturer
    .command('list')
    .description('the manufacturing authorities that are believed')
    .addHelpText('after', '\nExample:\n  trustline pki manufacturer list --json')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).manufacturers();
      if (options.json) return terminal.out(json(answer));
      const rows = answer.manufacturers.map(({ subject, fingerprint, notAfter, origin }) => [
        fingerprint.slice(0, 16),
        notAfter.slice(0, 10),
        origin,
        subject,
      ]);
      terminal.out(
        rows.length === 0 ? 'No MIC is believed.\n' : table(['SHA-256', 'UNTIL', 'ORIGIN', 'SUBJECT'], rows),
      );
    });

  manufacturer
    .command('import')
    .description('believe the MICs of a vendor’s manufacturing authorities, for enrolment; all or nothing')
    .argument('<file...>', 'the certificates of the authorities (PEM)')
    .addHelpText('after', '\nExample:\n  trustline pki manufacturer import CAP-RTP-001.pem Manufacturing-CA-SHA2.pem')
    .action(async (files: readonly string[], _options: unknown, command: Command) => {
      const certificates = files.map((file) => readFileSync(file, 'utf8')).join('\n');
      const { changed } = await clientOf(command, terminal).importManufacturers(certificates);
      if (changed.length === 0) return terminal.out('All of them are believed already.\n');
      for (const subject of changed) terminal.out(`MICs of ${subject} authenticate enrolments.\n`);
      terminal.out('Phones need them in the CTL too: sign another with trustline ctl update.\n');
    });

  manufacturer
    .command('renew')
    .description(
      'make another authority of the cluster’s own, which issues from now on; those before it are believed until they are removed',
    )
    .option('--dry-run', 'say what would come of it; nothing is changed')
    .addHelpText('after', '\nExample:\n  trustline pki manufacturer renew --dry-run')
    .action(async ({ dryRun = false }: { readonly dryRun?: boolean }, command: Command) => {
      const { changed, manufacturers } = await clientOf(command, terminal).renewManufacturer(dryRun);
      if (dryRun) {
        const kept = manufacturers.map(({ subject }) => subject).join('; ');
        terminal.out(
          `Another authority of the cluster’s own would issue MICs and certificates of tokens. Still believed: ${kept || 'none'}.\n`,
        );
        return terminal.out('Nothing was changed: this was a dry run.\n');
      }
      terminal.out(`${changed.join(', ')} issues MICs of simulated phones and certificates of tokens from now on.\n`);
      terminal.out('Phones need it in the CTL too: sign another with trustline ctl update.\n');
    });

  manufacturer
    .command('export')
    .description('the certificate of a manufacturing authority (PEM), by which its removal can be taken back')
    .argument('<fingerprint>', fingerprintHelp)
    .addHelpText('after', '\nExample:\n  trustline pki manufacturer export 9643ba3c > old.pem')
    .action(async (fingerprint: string, _options: unknown, command: Command) => {
      const { manufacturers } = await clientOf(command, terminal).manufacturers();
      const fitting = manufacturers.filter((one) => one.fingerprint.startsWith(fingerprint.toLowerCase()));
      const [found, ...more] = fitting;
      if (found === undefined || more.length > 0) {
        throw new TrustlineError('cli.no-such-manufacturer', `${fingerprint} fits ${fitting.length} authorities.`, {
          nextStep: 'List them with: trustline pki manufacturer list',
        });
      }
      terminal.out(found.certificatePem);
    });

  manufacturer
    .command('remove')
    .description('stop believing a manufacturing authority, that of the cluster itself too; refused while it is needed')
    .argument('<fingerprint>', fingerprintHelp)
    .option('--dry-run', 'say which tokens and phones need it; nothing is changed')
    .option('--force', 'although they are lost by it: the authority itself can be trusted no more')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
A token of the published CTL that it issued could sign no list any more, and a phone without an LSC could not enrol by a MIC
of it. Which MICs phones of a vendor have is not known here: all are counted that wait to enrol by their MIC.

Examples:
  trustline pki manufacturer remove 9643ba3c --dry-run
  trustline pki manufacturer remove 9643ba3c`,
    )
    .action((fingerprint: string, options: RemoveOptions, command: Command) =>
      remove(fingerprint, options, command, terminal),
    );
}

async function remove(
  fingerprint: string,
  { dryRun = false, force = false, json: asJson }: RemoveOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const answer = await clientOf(command, terminal).removeManufacturer(fingerprint, { dryRun, force });
  const { state, subject, tokens, phones } = answer;
  const isNeeded = tokens.length + phones.length > 0;
  if (dryRun && isNeeded) terminal.exitCode = exitCodes.failed;
  if (asJson) return terminal.out(json(answer));
  if (state === 'removed') {
    terminal.out(`MICs of ${subject} prove nothing any more.\n`);
    return terminal.out('It still stands in the CTL: sign another with trustline ctl update.\n');
  }
  terminal.out(`${subject}\n`);
  terminal.out(
    tokens.length === 0 ? '  No token in the CTL needs it.\n' : `  Tokens that need it: ${tokens.join('; ')}.\n`,
  );
  terminal.out(
    phones.length === 0 ? '  No phone is known to need it.\n' : `  Phones that need it: ${names(phones)}.\n`,
  );
  terminal.out('Nothing was changed: this was a dry run.\n');
}
