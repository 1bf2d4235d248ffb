import { TrustlineError } from '@trustline/base';
import { tryTrunk } from '@trustline/gateway/node';
import { parseSipUri, type SipUri } from '@trustline/sip';
import { type Command, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf, configurationOf } from '../options.ts';
import { json, printable, type Terminal } from '../terminal.ts';

type Transport = 'tls' | 'tcp' | 'udp';

interface AddOptions {
  readonly server: string;
  readonly transport: Transport;
  readonly register?: string;
  readonly identifiedBy?: 'password' | 'address';
  readonly json?: true;
}

interface TestOptions {
  readonly server?: string;
  readonly transport?: Transport;
  readonly domain?: string;
  readonly authorities?: string;
  readonly json?: true;
}

/** Carriers by SIP, as devices of the manager. */
export function addTrunkCommands(program: Command, terminal: Terminal): void {
  const trunk = program.command('trunk').description('carriers that are reached by SIP');
  const transports = () => new Option('--transport <name>', 'how it is reached').choices(['tls', 'tcp', 'udp']);

  trunk
    .command('add <name>')
    .description('add a carrier as a device, and say what to enter in trustline.yaml')
    .requiredOption('--server <name>', 'its domain, or its host, with or without a port')
    .addOption(transports().default('tls'))
    .option('--register <username>', 'it wants a registration with this account')
    .addOption(
      new Option('--identified-by <what>', 'without TLS: how a call proves to be its own').choices([
        'password',
        'address',
      ]),
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
By TLS it is an encrypted device, and what comes from it has to show its certificate; otherwise it is non-secure.

Examples:
  trustline trunk add carrier --server sip.carrier.example
  trustline trunk add carrier --server 198.51.100.20:5060 --transport udp --identified-by address`,
    )
    .action((name: string, options: AddOptions, command: Command) => add(name, options, command, terminal));

  trunk
    .command('test <name>')
    .description('try a carrier from here: DNS, connection, certificate, OPTIONS; nothing is registered')
    .option('--server <name>', 'in place of what the configuration says')
    .addOption(transports())
    .option('--domain <name>', 'what its certificate has to be for, RFC 5922 (default: the server)')
    .option(
      '--authorities <file>',
      'the authorities that its certificate comes from, PEM (default: those of the system)',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline trunk test carrier --authorities carrier-root.pem')
    .action((name: string, options: TestOptions, command: Command) => test(name, options, command, terminal));
}

async function add(name: string, options: AddOptions, command: Command, terminal: Terminal): Promise<void> {
  const { server, transport, register, identifiedBy } = options;
  const address = addressOf(server, transport);
  const device = await clientOf(command, terminal).addDevice({
    name,
    kind: 'trunk',
    securityMode: transport === 'tls' ? 'encrypted' : 'non-secure',
    lines: [],
  });
  const document = [
    'trunks:',
    `  - device: ${name}`,
    `    address: "${address}"`,
    ...(identifiedBy === undefined ? [] : [`    identifiedBy: ${identifiedBy}`]),
    ...(register === undefined
      ? []
      : [`    credentials: { username: "${register}", passwordFile: ${name}.password }`, '    registration: {}']),
    'dialPlan:',
    `  - { to: trunk, pattern: "0.!", devices: [${name}], discardAccessCode: true }`,
  ];
  if (options.json) return terminal.out(json({ ...device, address, configuration: document }));
  const pin =
    transport === 'tls'
      ? `Its certificate is believed once it is pinned:\n\n  trustline device pin ${name} --chain CHAIN.pem --roots ROOTS.pem\n\n`
      : '';
  terminal.out(
    `${name} was added.\n${passwordLine(name, device.password, identifiedBy)}\n${pin}In trustline.yaml, then start the manager again:\n\n${document.map((line) => `  ${line}\n`).join('')}\n` +
      `Try it: trustline trunk test ${name}\n`,
  );
}

/** What a carrier without TLS proves itself by when it calls, where it is not known by its address. */
function passwordLine(name: string, password: string | null, identifiedBy: AddOptions['identifiedBy']): string {
  if (password === null || identifiedBy === 'address') return '';
  return `Digest user ${name}, password ${password} (shown once; make another with device credentials).\n`;
}

async function test(name: string, options: TestOptions, command: Command, terminal: Terminal): Promise<void> {
  const { configuration } = configurationOf(command, terminal);
  const configured = configuration.trunks.find(({ device }) => device === name)?.address;
  const uri = configured === undefined ? undefined : parseSipUri(configured);
  const server = options.server ?? (uri && serverOf(uri));
  if (server === undefined) {
    throw new TrustlineError('cli.no-such-trunk', `The configuration has no address of a trunk ${name}`, {
      nextStep: 'Give it by --server, or enter it under trunks; "trustline trunk add --help" shows how.',
    });
  }
  const { domain, authorities } = options;
  const checks = await tryTrunk({
    name,
    server,
    transport: options.transport ?? (uri === undefined ? 'tls' : transportOf(uri)),
    ...(domain === undefined ? {} : { domain }),
    ...(authorities === undefined ? {} : { authorities }),
    nameServers: configuration.dns.servers,
  });
  const failed = checks.some(({ passed }) => passed === false);
  if (failed) terminal.exitCode = exitCodes.failed;
  if (options.json) return terminal.out(json({ trunk: name, passed: !failed, checks }));
  for (const { passed, text } of checks) terminal.out(`${passed === true ? 'passed' : 'failed'}: ${printable(text)}\n`);
}

function addressOf(server: string, transport: Transport): string {
  const address = transport === 'tls' ? `sips:${server}` : `sip:${server};transport=${transport}`;
  if (parseSipUri(address) !== undefined) return address;
  throw new TrustlineError('cli.no-server', `${server} is no name of a server`, {
    nextStep: 'Write a domain or an address, with a port or without.',
  });
}

function serverOf({ host, port }: SipUri): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

function transportOf(uri: SipUri): Transport {
  if (uri.secure) return 'tls';
  const named = uri.parameters.find(({ name }) => name.toLowerCase() === 'transport')?.value?.toLowerCase();
  return named === 'tcp' || named === 'tls' ? named : 'udp';
}
