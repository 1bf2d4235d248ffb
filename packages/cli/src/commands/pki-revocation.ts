import { readFileSync, writeFileSync } from 'node:fs';
import { publishingRoles, type RevokeCode, statedRevocationReasons } from '@trustline/manager';
import { encodePem } from '@trustline/pki';
import { Argument, type Command, Option } from 'commander';
import { clientOf } from '../options.ts';
import type { Terminal } from '../terminal.ts';

export function addRevocationCommands(pki: Command, terminal: Terminal): void {
  pki
    .command('crl')
    .description('what an authority of this cluster has revoked, as a signed list (X.509 CRL, PEM)')
    .addArgument(new Argument('<role>', 'which authority').choices(publishingRoles))
    .option('--out <file>', 'write it to a file: DER where its name ends in .crl or .der, else PEM')
    .addHelpText(
      'after',
      '\nExamples:\n  trustline pki crl capf-ca | openssl crl -noout -text\n  trustline pki crl capf-ca --out capf-ca.crl',
    )
    .action(async (role: string, { out }: { readonly out?: string }, command: Command) => {
      const answer = await clientOf(command, terminal).revocationList(role);
      const der = Buffer.from(answer.list, 'base64');
      const pem = encodePem('X509 CRL', der);
      if (out === undefined) return terminal.out(pem);
      writeFileSync(out, /\.(crl|der)$/i.test(out) ? der : pem);
      const revoked = answer.revoked === 1 ? '1 certificate' : `${answer.revoked} certificates`;
      terminal.out(`${out}: list ${answer.number} of ${answer.issuer}, ${revoked}, until ${answer.nextUpdate}.\n`);
    });

  pki
    .command('revoke')
    .description('stop believing one certificate, whoever issued it, and close the connections that it proved')
    .argument('<file>', 'the certificate (PEM)')
    .addOption(new Option('--code <code>', 'why').choices(statedRevocationReasons).default('unspecified'))
    .addHelpText('after', '\nExample:\n  trustline pki revoke lost-phone.pem --code keyCompromise')
    .action(async (file: string, { code }: { readonly code: RevokeCode }, command: Command) => {
      const { subject, issuer } = await clientOf(command, terminal).revokeCertificate(readFileSync(file, 'utf8'), code);
      terminal.out(`${subject} of ${issuer} proves nothing any more.\n`);
    });

  pki
    .command('crl-import')
    .description('go by the revocation list of an outside authority, whose certificates are pinned or imported')
    .argument('<file>', 'the list (X.509 CRL), DER or PEM')
    .addHelpText('after', '\nExample:\n  trustline pki crl-import authority.crl')
    .action(async (file: string, _options: unknown, command: Command) => {
      const answer = await clientOf(command, terminal).importRevocationList(new Uint8Array(readFileSync(file)));
      const until = answer.nextUpdate === null ? '' : ` It holds until ${answer.nextUpdate}.`;
      terminal.out(
        `In force: the list of ${answer.issuer} of ${answer.thisUpdate}, ${answer.revoked} revoked.${until}\n`,
      );
      if (answer.nextUpdate !== null && Date.parse(answer.nextUpdate) < Date.now()) {
        terminal.error('Its time is over: identity.staleRevocation decides about what it does not name.\n');
      }
    });
}
