import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrustlineError } from '@trustline/base';
import type { WaitingRequest } from '@trustline/manager';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, printable, printFailure, type Terminal } from '../terminal.ts';
import { writeNew } from './new-file.ts';

interface CsrOptions {
  readonly out: string;
  readonly json?: true;
}

export function addCapfCommands(program: Command, terminal: Terminal): void {
  const capf = program
    .command('capf')
    .description('certificates of phones (LSC) that an outside authority issues, by files');

  capf
    .command('csr [device...]')
    .description('write what phones ask of the outside authority: a request (PKCS#10) for each that waits')
    .option('--out <folder>', 'where to', '.')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
A phone that could not sign a request is written as its public key alone (.pub.pem), with the command by which an
authority certifies it: nothing but the enrolment shows then whose key it is. Compare the fingerprints.

Examples:
  trustline capf csr --out requests
  trustline capf csr SEP001122334455`,
    )
    .action((devices: readonly string[], options: CsrOptions, command: Command) =>
      writeRequests(devices, options, command, terminal),
    );

  capf
    .command('import <file...>')
    .description('take what the outside authority has issued: one file for each phone, PEM, DER or PKCS#7')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The certificate must be for the key that the phone has made, name it, and lead to an authority that may issue LSCs
(trustline pki lsc-authority). The phone gets it when it asks again.

Examples:
  trustline capf import SEP001122334455.pem
  trustline capf import issued/*.p7b`,
    )
    .action((files: readonly string[], options: { readonly json?: true }, command: Command) =>
      importIssued(files, options, command, terminal),
    );
}

async function writeRequests(
  devices: readonly string[],
  { out, json: asJson }: CsrOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { requests } = await clientOf(command, terminal).waitingRequests();
  const waiting = requests.filter(({ phase }) => phase === 'waiting-for-outside-authority');
  const chosen = devices.length === 0 ? waiting : devices.map((device) => requestOf(device, requests));
  if (chosen.length > 0) await mkdir(out, { recursive: true });
  const written: (WaitingRequest & { readonly file: string })[] = [];
  for (const one of chosen) {
    const file = join(out, `${one.device}.${one.request === null ? 'pub.pem' : 'csr'}`);
    const content = one.request ?? one.publicKey;
    // The same request, written again, is no other.
    if (!existsSync(file) || readFileSync(file, 'utf8') !== content) await writeNew(file, [content]);
    written.push({ ...one, file });
  }
  terminal.out(asJson ? json({ requests: written }) : describeWritten(written));
}

function requestOf(device: string, requests: readonly WaitingRequest[]): WaitingRequest {
  const found = requests.find((one) => one.device === device);
  if (found !== undefined) return found;
  throw new TrustlineError('cli.no-request', `${device} waits for no certificate of an outside authority.`, {
    nextStep: `See what is pending: trustline enrolment list. Its key comes when it has been at CAPF.`,
  });
}

function describeWritten(written: readonly (WaitingRequest & { readonly file: string })[]): string {
  if (written.length === 0) return 'No phone waits for a certificate of an outside authority.\n';
  const lines = written.flatMap(({ file, key, keyFingerprint }) => [file, `  ${key}, key SHA-256 ${keyFingerprint}`]);
  const unsigned = written.find(({ request }) => request === null);
  const signed = written.find(({ request }) => request !== null);
  return [
    ...lines,
    ...(signed === undefined ? [] : [`Check one: openssl req -in ${signed.file} -verify -noout -subject`]),
    ...(unsigned === undefined ? [] : signingCommand(unsigned)),
    'Next: have them signed, then trustline capf import FILE...',
    '',
  ].join('\n');
}

/** For the authority: what the request would have asked for. */
function signingCommand({ device, file, organization, key }: WaitingRequest & { readonly file: string }): string[] {
  const usage = key.startsWith('RSA') ? 'digitalSignature,keyEncipherment' : 'digitalSignature';
  const extensions = `basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,${usage}\\nextendedKeyUsage=clientAuth\\n`;
  return [
    `No phone has signed for a .pub.pem: its word alone shows that the key is its own. The authority certifies one with`,
    `  printf '${extensions}' > lsc.cnf`,
    `  openssl x509 -new -force_pubkey ${file} -subj '/O=${organization}/OU=Devices/CN=${device}' \\`,
    `    -CA authority.pem -CAkey authority.key -days 1825 -extfile lsc.cnf -out ${device}.pem`,
  ];
}

/** Each file by itself: one that is refused keeps none of the others waiting. */
async function importIssued(
  files: readonly string[],
  { json: asJson }: { readonly json?: true },
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const client = clientOf(command, terminal);
  const imported = [];
  for (const file of files) {
    try {
      const { device, subject, issuer, fingerprint, notAfter } = await client.importLsc(readFileSync(file));
      imported.push({ file, device, subject, issuer, fingerprint, notAfter });
      if (asJson) continue;
      terminal.out(
        `${file}: ${device} gets it when it asks again, until ${notAfter.slice(0, 10)}, by ${printable(issuer)}.\n`,
      );
      terminal.out(`  SHA-256 ${fingerprint}\n`);
    } catch (error) {
      terminal.error(`${file}:\n`);
      terminal.exitCode = printFailure(terminal, error);
    }
  }
  if (asJson) terminal.out(json({ imported }));
}
