import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';

export function addLscAuthorityCommands(pki: Command, terminal: Terminal): void {
  const authority = pki
    .command('lsc-authority')
    .description('outside authorities that may issue the certificates of phones (LSC)');

  authority
    .command('list')
    .description('the outside authorities that may issue them')
    .addHelpText('after', '\nExample:\n  trustline pki lsc-authority list --json')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).lscAuthorities();
      if (options.json) return terminal.out(json(answer));
      const rows = answer.authorities.map(({ subject, fingerprint, notAfter, devices }) => [
        fingerprint.slice(0, 16),
        notAfter.slice(0, 10),
        String(devices),
        subject,
      ]);
      terminal.out(
        rows.length === 0
          ? 'No outside authority may issue LSCs.\n'
          : table(['SHA-256', 'UNTIL', 'PHONES', 'SUBJECT'], rows),
      );
    });

  authority
    .command('import')
    .description('let one issue: what is imported of it (trustline capf import) registers, and nothing else of it')
    .argument('<file...>', 'the certificates of the authorities (PEM): the one that signs for phones, or one above it')
    .addHelpText('after', '\nExample:\n  trustline pki lsc-authority import issuing-ca.pem')
    .action(async (files: readonly string[], _options: unknown, command: Command) => {
      const certificates = files.map((file) => readFileSync(file, 'utf8')).join('\n');
      const { changed } = await clientOf(command, terminal).importLscAuthorities(certificates);
      if (changed.length === 0) return terminal.out('All of them may issue already.\n');
      for (const subject of changed) terminal.out(`${subject} may issue LSCs, which are believed once imported.\n`);
    });

  authority
    .command('remove')
    .description('believe no LSC of it any more: phones that have one register no longer')
    .argument('<fingerprint>', 'SHA-256 or its beginning, as the list shows it')
    .addHelpText('after', '\nExample:\n  trustline pki lsc-authority remove 5f2d9c31a7e04b68')
    .action(async (fingerprint: string, _options: unknown, command: Command) => {
      const { changed } = await clientOf(command, terminal).removeLscAuthority(fingerprint);
      terminal.out(`No LSC of ${changed.join(', ')} is believed any more.\n`);
    });
}
