import { TrustlineError } from '@trustline/base';
import { type SdesSuiteName, sdesSuites } from '@trustline/keying';
import type { MediaSecurity } from '@trustline/phone';
import { readCredentials, StateFolder } from '@trustline/phone/node';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { onInterruption } from '../interruption.ts';
import { phoneExitCodeMeanings } from '../phone/exit-codes.ts';
import { type PhoneTask, runPhone } from '../phone/run.ts';
import type { PhoneSource } from '../phone/session.ts';
import type { Terminal } from '../terminal.ts';
import { addPhoneBootCommands, readTyped } from './phone-boot.ts';
import { type PhoneProtocol, protocolOption, wordOfProtocol } from './phone-protocol.ts';

interface PhoneOptions {
  readonly credentials?: string;
  readonly state?: string;
  readonly passwordFile?: string;
  readonly device?: string;
  readonly line?: string;
  readonly protocol?: PhoneProtocol;
  readonly server?: { readonly host: string; readonly port?: number };
  readonly security?: MediaSecurity;
  readonly suite?: SdesSuiteName;
  readonly capture?: string;
  readonly json?: true;
  readonly play?: string;
  readonly loop?: true;
  readonly record?: string;
  readonly digits?: string;
  readonly duration?: number;
  readonly hold?: number;
  readonly transfer?: string;
  readonly attended?: true;
  readonly answer?: 'auto' | 'never';
}

export function addPhoneCommands(program: Command, terminal: Terminal): void {
  const codes = phoneExitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`).join('\n');
  const phone = program.command('phone').description('a phone on this machine: registers, calls, answers');
  const act = async (kind: PhoneTask['kind'], options: PhoneOptions, number?: string) => {
    const interruption = new AbortController();
    const release = onInterruption(
      () => interruption.abort(),
      () => process.exit(130),
    );
    try {
      const source = await sourceOf(options);
      const task = {
        ...options,
        protocol: wordOfProtocol(options.protocol),
        kind,
        source,
        ...(number === undefined ? {} : { number }),
      };
      terminal.exitCode = await runPhone(task, terminal, interruption.signal);
    } finally {
      release();
    }
  };

  const run = phone.command('run').description('register and stay so; calls are answered or shown, until Ctrl-C');
  withMedia(withPhone(run))
    .addOption(
      new Option('--answer <how>', 'what becomes of incoming calls').choices(['auto', 'never']).default('auto'),
    )
    .addHelpText('after', `\nExample:\n  trustline phone run --credentials phone-1002 --play hello.wav --loop`)
    .action((options: PhoneOptions) => act('run', options));

  const call = phone.command('call <number>').description('call a number');
  withMedia(withPhone(call))
    .addHelpText(
      'after',
      `
Hangs up after --duration, or when --play has been heard to its end; without either, on Ctrl-C.

Examples:
  trustline phone call 1002 --credentials phone-1001 --play hello.wav --record heard.wav
  trustline phone call 1002 --credentials phone-1001 --digits 12# --duration 10 --json
  trustline phone call 1002 --credentials phone-1001 --transfer 1003 --attended

Exit codes:
${codes}`,
    )
    .action((number: string, options: PhoneOptions) => act('call', options, number));

  const answer = phone.command('answer').description('wait for one call, answer it, and end with it');
  withMedia(withPhone(answer))
    .addHelpText(
      'after',
      `\nExample:\n  trustline phone answer --credentials phone-1002 --record heard.wav\n\nExit codes:\n${codes}`,
    )
    .action((options: PhoneOptions) => act('answer', options));

  addPhoneBootCommands(phone, terminal);
}

async function sourceOf(options: PhoneOptions): Promise<PhoneSource> {
  const { credentials, state, passwordFile } = options;
  if (credentials !== undefined && state === undefined) {
    return { kind: 'credentials', credentials: readCredentials(credentials) };
  }
  if (state !== undefined && credentials === undefined) {
    if (options.server !== undefined) throw serverOfState();
    return { kind: 'state', folder: new StateFolder(state), digestPassword: await readTyped(passwordFile) };
  }
  if (credentials === undefined && state === undefined && options.protocol === 'sccp') return unprovenOf(options);
  throw new TrustlineError('cli.phone-source', 'A phone is wanted: either --credentials FOLDER or --state FOLDER.', {
    nextStep: 'Boot one with `trustline phone boot`, or write credentials with `trustline device credentials`.',
  });
}

/** To take it and go elsewhere would be to say one thing and do another. */
function serverOfState(): TrustlineError {
  return new TrustlineError('cli.phone-source', '--server does not go with --state.', {
    nextStep:
      'A phone that has booted finds its manager in its configuration: leave --server out, or boot it at another with `trustline phone boot --tftp HOST`.',
  });
}

/** A non-secure phone that speaks Skinny needs no more than its name and its manager; that it is clear must be said. */
function unprovenOf({ device, server, security }: PhoneOptions): PhoneSource {
  if (device !== undefined && server !== undefined && security === 'clear') return { kind: 'unproven', device, server };
  throw new TrustlineError(
    'cli.phone-source',
    'A phone is wanted: --credentials FOLDER, --state FOLDER, or --device, --server and --security clear.',
    {
      nextStep:
        'A non-secure device that speaks Skinny: --protocol sccp --security clear --device SEP… --server HOST. A secure one: boot it with `trustline phone boot --protocol sccp`, or write credentials with `trustline device credentials`.',
    },
  );
}

function withPhone(command: Command): Command {
  return command
    .option('--credentials <folder>', 'as `trustline device credentials` wrote it')
    .option('--state <folder>', 'or the memory of a phone that `trustline phone boot` has booted')
    .option('--password-file <file>', 'with --state, where it registers without TLS: its digest password, mode 0600')
    .option(
      '--device <name>',
      'the device’s name, SEP and 12 digits: a new registration takes the place of its old one',
    )
    .option('--line <number>', 'which line of the device (default: its first)')
    .addOption(protocolOption())
    .option(
      '--server <host:port>',
      'the manager’s listener, not with --state; a domain alone is asked for its servers of SIP (RFC 3263) (default: as the credentials say)',
      hostAndPort,
    )
    .addOption(
      new Option(
        '--security <how>',
        'require (default; with --state as it was configured): no call unless this phone sends and receives SRTP; whether it is encrypted to its far end, and not to a relay or gateway on the way, the level says that is shown; prefer: clear where the far end cannot, and shown; clear',
      ).choices(['require', 'prefer', 'clear']),
    )
    .addOption(new Option('--suite <name>', 'this crypto suite only').choices(Object.keys(sdesSuites)))
    .option('--capture <file>', 'write every media packet, as it is on the wire, to a pcapng file')
    .option('--json', 'events as NDJSON, the last object says how it went');
}

function withMedia(command: Command): Command {
  return command
    .option('--play <file>', 'say this WAV file (PCM, any rate)')
    .option('--loop', 'say it again and again')
    .option('--record <file>', 'write what is heard to this WAV file')
    .option('--digits <digits>', 'send these once it is answered: 0-9 * # A-D', digits)
    .option('--duration <seconds>', 'hang up so long after the answer', seconds)
    .option('--hold <seconds>', 'put the far end on hold so long, from the answer on', seconds)
    .option('--transfer <number>', 'in place of hanging up, have the far end talk to this number')
    .option('--attended', 'with --transfer: call the number first, and join the two once it is answered');
}

function hostAndPort(text: string): { host: string; port?: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (match === null || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new InvalidArgumentError('host:port is wanted, or a domain');
  }
  return { host: match[1] ?? match[2] ?? '', ...(port === undefined ? {} : { port }) };
}

function digits(text: string): string {
  if (!/^[0-9*#A-D]{1,64}$/i.test(text)) throw new InvalidArgumentError('digits are 0-9, *, # and A-D');
  return text.toUpperCase();
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('seconds up to a day are wanted');
  return value;
}
