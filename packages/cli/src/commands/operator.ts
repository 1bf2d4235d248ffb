import { type OperatorRole, operatorRoles } from '@trustline/manager';
import { type Command, Option } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { addFolderOptions, type FolderOptions, refuseFilesThere, writeSecretFiles } from './secret-files.ts';

/** What an operator gets. */
const operatorFiles = { certificate: 'operator.crt.pem', key: 'operator.key.pem', trust: 'trust.pem' } as const;

export function addOperatorCommands(program: Command, terminal: Terminal): void {
  const operator = program.command('operator').description('people who may use the manager from elsewhere');

  const add = operator
    .command('add <name>')
    .description('give a person a role, and the certificate by which they prove who they are')
    .addOption(
      new Option('--role <role>', 'what they may do; everybody sees what a viewer sees')
        .choices(operatorRoles)
        .makeOptionMandatory(),
    );
  addFolderOptions(add, 'certificate, key and trust bundle')
    .addHelpText(
      'after',
      `
viewer         sees devices, calls, events, records and certificates
operator       and devices, credentials, erasing, stopping
trust-officer  and all that decides what is trusted: trust lists, pki, pins, operators, backup

Example:
  trustline operator add ada --role trust-officer --out ada`,
    )
    .action(async (name: string, options: FolderOptions & { readonly role: OperatorRole }, command: Command) => {
      const names = Object.values(operatorFiles);
      refuseFilesThere(options, names);
      const issued = await clientOf(command, terminal).addOperator(name, options.role);
      writeSecretFiles(options, [
        [operatorFiles.certificate, issued.certificatePem],
        [operatorFiles.key, issued.privateKeyPem],
        [operatorFiles.trust, issued.trustBundlePem],
      ]);
      terminal.out(`${name} was added as ${options.role}. Written to ${options.out}: ${names.join(', ')}.\n`);
    });

  operator
    .command('list')
    .description('everybody with a role, and until when their certificate holds')
    .addHelpText('after', '\nExample:\n  trustline operator list --json')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).operators();
      if (options.json) return terminal.out(json(answer));
      const rows = answer.operators.map(({ name, role, addedAt, notAfter }) => [
        name,
        role,
        addedAt.slice(0, 10),
        notAfter?.slice(0, 10) ?? '-',
      ]);
      terminal.out(rows.length === 0 ? 'There is no operator yet.\n' : table(['NAME', 'ROLE', 'ADDED', 'UNTIL'], rows));
    });

  operator
    .command('remove <name>')
    .description('take a person’s role, stop believing their certificates, and close their connections')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline operator remove ada --reason "left the company"')
    .action(async (name: string, options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).removeOperator(name);
      terminal.out(options.json ? json(answer) : `${name} was removed.\n`);
    });
}
