import { readFileSync } from 'node:fs';
import { replaceableRoles } from '@trustline/manager';
import { Argument, type Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';

interface ImportOptions {
  readonly chain: string;
  readonly roots: string;
  readonly device?: string;
}

export function addPkiCommands(program: Command, terminal: Terminal): void {
  const pki = program.command('pki').description('the certificates of the cluster');
  const role = () => new Argument('<role>', 'which certificate').choices(replaceableRoles);

  pki
    .command('status')
    .description('every certificate and key, until when it holds, and where it came from')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).pki();
      if (options.json) return terminal.out(json(answer));
      if (answer.trustNotice !== null) terminal.out(`${answer.trustNotice}\n\n`);
      const rows = answer.certificates.map((one) => [
        one.role,
        one.key,
        one.notAfter?.slice(0, 10) ?? '-',
        [one.origin, one.lab ? 'lab' : '', one.replaced ? 'replaced' : '', one.requestPending ? 'request pending' : '']
          .filter((word) => word !== '')
          .join(', '),
        one.subject,
      ]);
      terminal.out(table(['ROLE', 'KEY', 'UNTIL', 'ORIGIN', 'SUBJECT'], rows));
    });

  pki
    .command('csr')
    .description('a request (PKCS#10) for an outside authority; the key stays here, beside the one in use')
    .addArgument(role())
    .addHelpText('after', '\nExample:\n  trustline pki csr callmanager-rsa > callmanager.csr')
    .action(async (which: string, _options: unknown, command: Command) => {
      terminal.out((await clientOf(command, terminal).requestCertificate(which)).request);
    });

  pki
    .command('import')
    .description('put an outside authority’s certificate in place of ours, all or nothing')
    .addArgument(role())
    .requiredOption('--chain <file>', 'the certificate, then its intermediate issuers (PEM)')
    .requiredOption('--roots <file>', 'the root certificates of the authority (PEM)')
    .addHelpText(
      'after',
      '\nExample:\n  trustline pki import callmanager-rsa --chain callmanager.pem --roots authority.pem',
    )
    .action(async (which: string, options: ImportOptions, command: Command) => {
      const chain = readFileSync(options.chain, 'utf8');
      const roots = readFileSync(options.roots, 'utf8');
      const imported = await clientOf(command, terminal).importCertificate(which, chain, roots);
      terminal.out(`In use as ${which}: ${imported.subject}, issued by ${imported.issuer}.\n`);
    });
}
