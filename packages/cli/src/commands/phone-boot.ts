import { type Redacted, TrustlineError } from '@trustline/base';
import { StateFolder } from '@trustline/phone/node';
import { readPassphrase } from '@trustline/pki/node';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { onInterruption } from '../interruption.ts';
import { clientOf } from '../options.ts';
import { type BootTask, bootPhone, micFiles } from '../phone/boot.ts';
import { bootExitCodeMeanings } from '../phone/exit-codes.ts';
import { type FleetTask, type KeyKind, runFleet } from '../phone/fleet.ts';
import type { Terminal } from '../terminal.ts';
import { type PhoneProtocol, protocolOption, wordOfProtocol } from './phone-protocol.ts';
import { addFolderOptions, type FolderOptions, refuseFilesThere, writeSecretFiles } from './secret-files.ts';

interface BootOptions {
  readonly tftp?: { readonly host: string; readonly port: number };
  readonly httpPort?: number;
  readonly tvsPort?: number;
  readonly mac?: string;
  readonly state?: string;
  readonly mic?: string;
  readonly authenticationStringFile?: string;
  readonly authenticationString?: true;
  readonly passwordFile?: string;
  readonly line?: string;
  readonly protocol?: PhoneProtocol;
  readonly eraseTrustLists?: true;
  readonly once?: true;
  readonly json?: true;
}

interface FleetOptions {
  readonly tftp: { readonly host: string; readonly port: number };
  readonly httpPort: number;
  readonly prepare?: true;
  readonly by: 'mic' | 'string';
  readonly keyKind: KeyKind;
  readonly firstMac: string;
  readonly firstLine: number;
  readonly protocol?: PhoneProtocol;
  readonly atOnce: number;
  readonly states?: string;
  readonly json?: true;
}

/** Those of a manager that was told no other. Desk phones ask for TFTP on port 69, which needs a right. */
const phonePorts = { http: 6_970, tftp: 6_969 } as const;

const tftpHelp = `the server of the files (default port: ${phonePorts.tftp}, as of a manager; desk phones ask on 69)`;

export function addPhoneBootCommands(phone: Command, terminal: Terminal): void {
  const codes = bootExitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`).join('\n');
  phone
    .command('boot')
    .description('boot like a desk phone: trust lists, configuration, a certificate from CAPF, registration')
    .option('--tftp <host[:port]>', tftpHelp, fileServer)
    .option('--http-port <port>', `its port of files by HTTP, which is tried first (default: ${phonePorts.http})`, port)
    .option('--tvs-port <port>', 'its port of TVS, which a phone without a configuration asks (default: 2445)', port)
    .option('--mac <address>', 'the phone’s MAC address: its name is SEP and these 12 digits', device)
    .option('--state <folder>', 'its memory: trust lists, certificates, keys (default: phone- and its name)')
    .option('--mic <folder>', 'the certificate of its maker, as `trustline phone mic` wrote it')
    .option('--authentication-string-file <file>', 'the digits for CAPF: first line of a file, mode 0600')
    .option('--authentication-string', 'ask for the digits for CAPF')
    .option('--password-file <file>', 'its digest password, where it registers without TLS; mode 0600')
    .option('--line <number>', 'which of its lines registers (default: its first)')
    .addOption(protocolOption())
    .option(
      '--erase-trust-lists',
      'delete its trust lists first, as in the settings of a phone: the next are taken blindly',
    )
    .option('--once', 'end when it is registered, or cannot be')
    .option('--json', 'each step as NDJSON, the last object says how it went')
    .addHelpText(
      'after',
      `
Shows each step in a phone's words and in ours. Its first trust lists are taken blindly, as desk phones take them;
every later one must be signed by a signer that it knows. With --state of an earlier boot, --tftp and --mac may be
left out. Afterwards: trustline phone call|run|answer --state FOLDER.

Examples:
  trustline phone boot --tftp 192.0.2.1:69 --mac 001122334455 --mic mic-1001 --state phone-1001
  trustline phone boot --tftp localhost --mac 001122334455 --authentication-string --once
  trustline phone boot --tftp localhost --mac 001122334455 --mic mic-1001 --protocol sccp

Exit codes:
${codes}`,
    )
    .action((options: BootOptions) => boot(options, terminal));

  phone
    .command('fleet <count>')
    .description('boot so many phones beside each other in this process, and say how long that took')
    .requiredOption('--tftp <host[:port]>', tftpHelp, fileServer)
    .option('--http-port <port>', 'its port of files by HTTP, which is tried first', port, phonePorts.http)
    .option('--prepare', 'add the phones and open an enrolment for each, at the manager that is asked')
    .addOption(
      new Option('--by <proof>', 'with --prepare: how they prove themselves').choices(['mic', 'string']).default('mic'),
    )
    .addOption(
      new Option('--key-kind <kind>', 'with --prepare: their keys; RSA ones are ready-made')
        .choices(['EC-P-256', 'RSA-2048'])
        .default('EC-P-256'),
    )
    .option('--first-mac <address>', 'MAC address of the first; the others count up', device, 'SEP020000000000')
    .option('--first-line <number>', 'line of the first; the others count up', positive, 10_000)
    .addOption(protocolOption())
    .option('--at-once <number>', 'phones that boot at the same time', positive, 32)
    .option('--states <folder>', 'a memory for each phone, so that it can boot again (without: gone at the end)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The phones stay registered until the last one is, then they say goodbye.

Examples:
  trustline phone fleet 100 --tftp localhost --prepare --states fleet
  trustline phone fleet 100 --tftp localhost --states fleet --json`,
    )
    .action((count: string, options: FleetOptions, command: Command) =>
      interruptibly(terminal, async (signal) => {
        const { tftp, httpPort, prepare, by, keyKind: key, states } = options;
        const task: FleetTask = {
          count: positive(count),
          files: { host: tftp.host, httpPort, tftpPort: tftp.port },
          protocol: wordOfProtocol(options.protocol),
          atOnce: options.atOnce,
          firstDevice: options.firstMac,
          firstLine: options.firstLine,
          prepare: prepare === undefined ? undefined : { client: clientOf(command, terminal), by, key },
          states,
          json: options.json === true,
        };
        return runFleet(task, terminal, signal);
      }),
    );

  const mic = phone
    .command('mic <name>')
    .description('have the certificate made that its maker would have put into a simulated phone');
  addFolderOptions(mic, 'certificate and key')
    .addHelpText('after', '\nExample:\n  trustline phone mic SEP001122334455 --out mic-1001')
    .action(async (name: string, options: FolderOptions, command: Command) => {
      refuseFilesThere(options, Object.values(micFiles));
      const made = await clientOf(command, terminal).manufacture(name);
      const folder = writeSecretFiles(options, [
        [micFiles.certificate, made.certificatePem],
        [micFiles.key, made.privateKeyPem],
      ]);
      terminal.out(`The MIC of ${name} and its key are in ${folder} (readable by you alone).\n`);
      terminal.out(`  next: trustline enrolment open ${name} --by mic\n`);
    });
}

/** A secret from the first line of a file that others cannot read; undefined without a file. */
export async function readTyped(file: string | undefined): Promise<Redacted<string> | undefined> {
  return file === undefined ? undefined : readPassphrase({ kind: 'file', path: file }, {});
}

async function boot(options: BootOptions, terminal: Terminal): Promise<void> {
  const { folder, name, files } = placeOf(options);
  const authenticationString = await authenticationStringOf(options, terminal);
  const task: BootTask = {
    device: name,
    files,
    folder,
    mic: options.mic,
    authenticationString,
    digestPassword: await readTyped(options.passwordFile),
    line: options.line,
    protocol: wordOfProtocol(options.protocol) ?? folder.place()?.protocol,
    eraseTrustLists: options.eraseTrustLists === true,
    once: options.once === true,
    json: options.json === true,
  };
  await interruptibly(terminal, (signal) => bootPhone(task, terminal, signal));
}

/** Until it is done, or the person has had enough; a second Ctrl-C ends at once. */
async function interruptibly(terminal: Terminal, run: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const interruption = new AbortController();
  const release = onInterruption(
    () => interruption.abort(),
    () => process.exit(130),
  );
  try {
    terminal.exitCode = await run(interruption.signal);
  } finally {
    release();
  }
}

/** Which phone, and where its files are: as said now, or else as at its last boot. */
function placeOf({ tftp, httpPort, tvsPort, mac, state }: BootOptions) {
  const given = state === undefined ? undefined : new StateFolder(state);
  const before = given?.place();
  const name = mac ?? before?.device;
  const host = tftp?.host ?? before?.host;
  if (name === undefined || host === undefined) {
    throw new TrustlineError('cli.phone-place', 'Which phone, and where are its files?', {
      nextStep: 'Say --tftp HOST and --mac ADDRESS, or --state FOLDER of a phone that has booted before.',
    });
  }
  if (before !== undefined && before.device !== name) {
    throw new TrustlineError('cli.phone-place', `${given?.path} is the memory of ${before.device}, not of ${name}.`, {
      nextStep: 'Name another folder with --state.',
    });
  }
  const files = {
    host,
    httpPort: httpPort ?? before?.httpPort ?? phonePorts.http,
    tftpPort: tftp?.port ?? before?.tftpPort ?? phonePorts.tftp,
    tvsPort: tvsPort ?? before?.tvsPort,
  };
  return { folder: given ?? new StateFolder(`phone-${name}`), name, files };
}

async function authenticationStringOf(
  { authenticationStringFile, authenticationString }: BootOptions,
  terminal: Terminal,
): Promise<Redacted<string> | undefined> {
  if (authenticationStringFile !== undefined) return readTyped(authenticationStringFile);
  if (authenticationString === undefined) return undefined;
  if (terminal.askSecret !== undefined) return terminal.askSecret('Authentication string: ');
  throw new TrustlineError('cli.no-authentication-string', 'There is nobody at a terminal to ask for the digits.', {
    nextStep: 'Name a file with --authentication-string-file.',
  });
}

function fileServer(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('host or host:port is wanted');
  return { host: match[1] ?? match[2] ?? '', port: match[3] === undefined ? phonePorts.tftp : port(match[3]) };
}

function port(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 65_535)) {
    throw new InvalidArgumentError('a port from 1 to 65535 is wanted');
  }
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1)) throw new InvalidArgumentError('a number from 1 on is wanted');
  return value;
}

/** `00:11:22:33:44:55`, `0011.2233.4455` or `SEP001122334455`, as it stands on the phone or in a list. */
function device(text: string): string {
  const digits = text.replace(/^SEP/i, '').replace(/[-:.]/g, '').toUpperCase();
  if (!/^[0-9A-F]{12}$/.test(digits)) throw new InvalidArgumentError('the 12 digits of a MAC address are wanted');
  return `SEP${digits}`;
}
