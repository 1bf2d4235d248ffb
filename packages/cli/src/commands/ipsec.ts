import { readFileSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import type { IpsecAnswer, IpsecCheckAnswer, IpsecExplanationAnswer } from '@trustline/manager';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { addIpsecHelperCommand } from './ipsec-helper.ts';
import {
  addFolderOptions,
  type FolderOptions,
  refuseFilesThere,
  type SecretFile,
  writeSecretFiles,
} from './secret-files.ts';

/** What `trustline ipsec certificate` writes. */
export const gatewayCertificateFiles = {
  certificate: 'gateway.crt.pem',
  key: 'gateway.key.pem',
  authority: 'ipsec-ca.pem',
} as const;
const collect = (value: string, before: readonly string[] = []) => [...before, value];

export function addIpsecCommands(program: Command, terminal: Terminal): void {
  const ipsec = program.command('ipsec').description('the tunnels that protect the signalling of gateways');
  addStatus(ipsec, terminal);
  addExplain(ipsec, terminal);
  addCheck(ipsec, terminal);
  addCertificate(ipsec, terminal);
  addIpsecHelperCommand(ipsec, terminal);
}

interface JsonOption {
  readonly json?: true;
}

function addStatus(ipsec: Command, terminal: Terminal): void {
  ipsec
    .command('status')
    .description('which tunnels are up, since when, by which algorithms, and who is at the other end')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline ipsec status')
    .action(async (options: JsonOption, command: Command) => {
      const answer = await clientOf(command, terminal).ipsec();
      terminal.out(options.json ? json(answer) : statusText(answer));
    });
}

function addExplain(ipsec: Command, terminal: Terminal): void {
  ipsec
    .command('explain [gateway]')
    .description('what would happen to a call now and why; every gateway unless one is named')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline ipsec explain gw1')
    .action(async (gateway: string | undefined, options: JsonOption, command: Command) => {
      const client = clientOf(command, terminal);
      const gateways = gateway === undefined ? await gatewaysOf(command, terminal) : [gateway];
      const answers = await Promise.all(gateways.map((one) => client.explainGateway(one)));
      terminal.out(options.json ? json(answers) : answers.map(explanationText).join('\n') || none);
    });
}

function addCheck(ipsec: Command, terminal: Terminal): void {
  ipsec
    .command('check [gateway]')
    .description('send a packet in the clear around the tunnel, from both ends, and say whether it left')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The packet (UDP, port 9) is marked as the IKE daemon marks its own, so that it does not go into the tunnel; the guard has
to stop it. The far end can be asked where it is a gateway of Trustline. Exit code 1: something left, or could not be
measured at this end.

Example:
  trustline ipsec check gw1`,
    )
    .action(async (gateway: string | undefined, options: JsonOption, command: Command) => {
      const client = clientOf(command, terminal);
      const gateways = gateway === undefined ? await gatewaysOf(command, terminal) : [gateway];
      const answers: IpsecCheckAnswer[] = [];
      for (const one of gateways) answers.push(await client.checkGateway(one));
      terminal.out(options.json ? json(answers) : answers.map(checkText).join('') || none);
      const isTight = answers.every(({ near, far }) => near.leaked === false && far.leaked !== true);
      if (!isTight) terminal.exitCode = exitCodes.failed;
    });
}

interface CertificateOptions extends FolderOptions {
  readonly host?: readonly string[];
  readonly address?: readonly string[];
  readonly csr?: string;
}

function addCertificate(ipsec: Command, terminal: Terminal): void {
  const certificate = ipsec
    .command('certificate <gateway>')
    .description('the certificate by which a gateway proves who it is, of this cluster’s authority for IPsec')
    .option('--host <name>', 'a name of the gateway; may be repeated', collect)
    .option('--address <address>', 'an address of the gateway; may be repeated', collect)
    .option('--csr <file>', 'request of a gateway that has made its key itself (PKCS#10, PEM)');
  addFolderOptions(certificate, 'certificate and authority, and the key where it is made here,')
    .addHelpText(
      'after',
      `
The gateway has to prove one of these names or addresses: ipsec.tunnels[].identity, its address unless given.

Examples:
  trustline ipsec certificate gw1 --address 10.0.0.2 --out gw1
  trustline ipsec certificate gw1 --address 10.0.0.2 --csr gw1.csr --out gw1`,
    )
    .action(async (gateway: string, options: CertificateOptions, command: Command) => {
      const { host = [], address = [], csr } = options;
      const names = Object.values(gatewayCertificateFiles).filter(
        (name) => csr === undefined || name !== gatewayCertificateFiles.key,
      );
      refuseFilesThere(options, names);
      const request = csr === undefined ? {} : { request: readRequest(csr) };
      const client = clientOf(command, terminal);
      const issued = await client.issueGatewayCertificate(gateway, { hosts: host, addresses: address, ...request });
      const key: readonly SecretFile[] =
        issued.privateKeyPem === null ? [] : [[gatewayCertificateFiles.key, issued.privateKeyPem]];
      writeSecretFiles(options, [
        [gatewayCertificateFiles.certificate, issued.certificatePem],
        [gatewayCertificateFiles.authority, issued.authorityPem],
        ...key,
      ]);
      terminal.out(`Written to ${options.out}: ${names.join(', ')}. We prove to be ${issued.managerIdentity}.\n`);
    });
}

function readRequest(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TrustlineError('cli.file-unreadable', `${file} cannot be read.`, {
      nextStep: 'Name the file of the request that the gateway made.',
      cause,
    });
  }
}

async function gatewaysOf(command: Command, terminal: Terminal): Promise<readonly string[]> {
  const { tunnels } = await clientOf(command, terminal).ipsec();
  return tunnels.map(({ gateway }) => gateway);
}

const none = 'There is no tunnel yet: trustline gateway add makes them, or name gateways under ipsec.tunnels.\n';

function statusText({ stack, guard, problem, tunnels }: IpsecAnswer): string {
  const alarms = [
    ...(problem === null ? [] : [`NO KEY GOES: ${problem}`]),
    ...(guard.inPlace ? [] : [`NO KEY GOES, the guard is not in place: ${guard.problem}`]),
  ];
  const head = `ESP in ${stack === 'kernel' ? 'the kernel' : 'user space'} · guard ${guard.inPlace ? 'in place' : 'NOT IN PLACE'}`;
  const rows = tunnels.map((tunnel) => [
    tunnel.gateway,
    tunnel.isProtected ? 'protected' : `NOT PROTECTED (${tunnel.state})`,
    tunnel.upSince ?? '-',
    tunnel.provenIdentity ?? '-',
    tunnel.esp ?? '-',
    tunnel.weak.length === 0 ? '-' : `WEAK: ${tunnel.weak.join(', ')}`,
    tunnel.dropped === null ? '-' : `${tunnel.dropped.inbound} in, ${tunnel.dropped.outbound} out`,
  ]);
  const columns = ['GATEWAY', 'STATE', 'SINCE', 'IDENTITY', 'ESP', 'WEAK', 'CLEAR DROPPED'];
  const problems = tunnels.flatMap(({ problem }) => (problem === null ? [] : [problemText(problem).trimEnd()]));
  return [head, ...alarms, rows.length === 0 ? none.trimEnd() : table(columns, rows).trimEnd(), ...problems, ''].join(
    '\n',
  );
}

function explanationText({ gateway, keysWouldGo, points }: IpsecExplanationAnswer): string {
  const verdict = keysWouldGo
    ? 'a call now would be proven, and gets keys'
    : 'a call now would get no keys, and the guard lets none by in the clear: the next gateway is tried, or it is refused with this reason';
  const lines = points.map(({ holds, point, message, nextStep }) => {
    const mark = holds === null ? '?' : holds ? '+' : '-';
    return `  ${mark} ${point.padEnd(13)} ${message}${nextStep === null ? '' : `\n      next: ${nextStep}`}`;
  });
  return `${gateway}: ${verdict}\n${lines.join('\n')}\n`;
}

function problemText({ message, nextStep }: NonNullable<IpsecCheckAnswer['problem']>): string {
  return `${message}\n  next: ${nextStep}\n`;
}

function checkText({ gateway, near, far, problem }: IpsecCheckAnswer): string {
  const word = (leaked: boolean | null) => (leaked === null ? 'not measured' : leaked ? 'LEAKED' : 'tight');
  return `${gateway}: from here ${word(near.leaked)} (${near.message}); from there ${word(far.leaked)} (${far.message})\n${
    problem === null ? '' : problemText(problem)
  }`;
}
