import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';

export function addManufacturerCommands(pki: Command, terminal: Terminal): void {
  const manufacturer = pki
    .command('manufacturer')
    .description('whose manufacturer installed certificates (MICs) authenticate enrolments');

  manufacturer
    .command('list')
    .description('the manufacturing authorities that are believed')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).manufacturers();
      if (options.json) return terminal.out(json(answer));
      const rows = answer.manufacturers.map(({ subject, fingerprint, notAfter, origin }) => [
        fingerprint.slice(0, 16),
        notAfter.slice(0, 10),
        origin === 'generated' ? 'stand-in' : 'imported',
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
    .command('remove')
    .description('stop believing the MICs of a manufacturing authority, the stand-in of a lab too')
    .argument('<fingerprint>', 'SHA-256 or its beginning, as the list shows it')
    .action(async (fingerprint: string, _options: unknown, command: Command) => {
      const { changed } = await clientOf(command, terminal).removeManufacturer(fingerprint);
      terminal.out(`MICs of ${changed.join(', ')} prove nothing any more.\n`);
    });
}
