import { readFileSync } from 'node:fs';
import { type RenewableRole, renewableRoles, replaceableRoles } from '@trustline/manager';
import { Argument, type Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, printable, type Terminal, table } from '../terminal.ts';
import { names } from './ctl-words.ts';
import { addLscAuthorityCommands } from './pki-lsc-authority.ts';
import { addManufacturerCommands } from './pki-manufacturer.ts';
import { addRevocationCommands } from './pki-revocation.ts';

interface RenewOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

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
    .addHelpText('after', '\nExample:\n  trustline pki status --json')
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

  pki
    .command('renew')
    .description(
      'give a server another key and certificate, without a restart; refused while a phone would be lost by it',
    )
    .addArgument(new Argument('<role>', 'which certificate').choices(renewableRoles))
    .option('--dry-run', 'say what phones would make of it; nothing is changed')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The next certificate is made and put into the lists first. It is shown once every known phone knows it from its lists, or
asks TVS; until then this ends with 1, and is given again when the phones have fetched their lists.

Examples:
  trustline pki renew tftp --dry-run
  trustline pki renew callmanager-rsa`,
    )
    .action((role: RenewableRole, options: RenewOptions, command: Command) => renew(role, options, command, terminal));
  addRevocationCommands(pki, terminal);
  addManufacturerCommands(pki, terminal);
  addLscAuthorityCommands(pki, terminal);
}

async function renew(role: RenewableRole, options: RenewOptions, command: Command, terminal: Terminal): Promise<void> {
  const answer = await clientOf(command, terminal).renewCertificate({ role, dryRun: options.dryRun ?? false });
  if (answer.state === 'staged') terminal.exitCode = exitCodes.failed;
  if (options.json) return terminal.out(json(answer));
  const { state, phones, certificate, served, nextStep } = answer;
  const { knowing, healing, lost } = phones;
  const seen = served.map(({ service, port }) => `${service} ${port}`).join(', ');
  const ends = {
    'dry-run': 'Nothing was changed: this was a dry run.',
    staged: 'It is made and listed, and NOT shown yet: these phones would be lost by it.',
    renewed: `It is shown now, seen on ${seen || 'no listener'} by connecting to it.`,
  };
  const lines = [
    ...(certificate === null
      ? []
      : [
          `${certificate.subject}, until ${certificate.notAfter.slice(0, 10)}, serial ${certificate.serialNumber}`,
          `  SHA-256 ${certificate.fingerprint}`,
        ]),
    `Phones that hold lists, or may: ${knowing.length + healing.length + lost.length}.`,
    `  ${knowing.length} know it from their lists.`,
    ...(healing.length > 0 ? [`  ${healing.length} ask TVS, which vouches for it: ${names(healing)}.`] : []),
    ...(lost.length > 0
      ? [
          `  ${lost.length} would refuse it: ${names(lost.map(({ device }) => device))} (${printable(lost[0]?.words ?? '')}).`,
        ]
      : ['  None would refuse it.']),
    ends[state],
    ...(nextStep === null ? [] : [`Next: ${nextStep}`]),
  ];
  terminal.out(`${lines.join('\n')}\n`);
}
