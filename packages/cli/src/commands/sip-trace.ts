import { existsSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import { encapsulateUdp, linkTypes, type TransportAddress, timeFromMilliseconds } from '@trustline/capture';
import { CaptureFile } from '@trustline/capture/node';
import type { TracedText } from '@trustline/manager';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { printable, type Terminal } from '../terminal.ts';
import { rungOf } from './ladder.ts';

interface TraceOptions {
  readonly device: string;
  readonly pcap?: string;
  readonly decrypted?: true;
  readonly json?: true;
}

export function addSipCommands(program: Command, terminal: Terminal): void {
  program
    .command('sip')
    .description('signalling as it passes')
    .command('trace')
    .description('the messages of a device as they pass, until Ctrl-C; keys are hidden')
    .requiredOption('--device <name>', 'the device')
    .option('--pcap <file>', 'write them to a new pcapng file too')
    .option('--decrypted', 'with what passes over TLS; needs --reason')
    .option('--json', 'one JSON object a line, with the text of the message')
    .addHelpText(
      'after',
      `
Each watch is an event in the records. Without --decrypted a message over TLS is told of, and its text is not. Keys of
media and answers to digest challenges are hidden either way. Of a Skinny (SCCP) phone and of an H.323
gateway every message is told of, by its name and what it says of streams; they are binary and have no text, and a capture of
them is not written.

Examples:
  trustline sip trace --device SEP001122334455
  trustline sip trace --device SEP001122334455 --decrypted --pcap out.pcapng --reason "no ringing tone, ticket 4711"`,
    )
    .action(async (options: TraceOptions, command: Command) => {
      const messages = clientOf(command, terminal).deviceMessages(options.device, options.decrypted === true);
      const capture = options.pcap === undefined ? undefined : await TraceCapture.open(options.pcap);
      let isSaid = false;
      try {
        for await (const message of messages) {
          if (message.text !== null) await capture?.write(message);
          else if (capture !== undefined && !isSaid) {
            isSaid = true;
            terminal.error(notWritten(message, options.pcap ?? ''));
          }
          terminal.out(options.json ? `${JSON.stringify(message)}\n` : told(message, terminal.takesColour === true));
        }
      } finally {
        await capture?.close();
      }
    });
}

/** Once, so that nobody looks for it there later. */
function notWritten({ protocol, device }: TracedText, file: string): string {
  const who = printable(device ?? 'this device');
  return protocol !== 'sip'
    ? `note: ${who} speaks ${protocol === 'sccp' ? 'Skinny (SCCP)' : 'H.323'}, which is binary: nothing of it is written to ${file}.\n`
    : `note: what ${who} says over TLS is not written to ${file}; --decrypted --reason TEXT does.\n`;
}

function told(message: TracedText, takesColour: boolean): string {
  const rung = rungOf(message, takesColour);
  if (message.text === null) return rung;
  const lines = message.text.trimEnd().split('\r\n');
  return `${rung}${lines.map((line) => `    ${printable(line)}\n`).join('')}\n`;
}

/** SIP messages as datagrams between the addresses that they passed, whatever carried them. */
class TraceCapture {
  readonly #file: CaptureFile;
  readonly #interface: number;

  private constructor(file: CaptureFile) {
    this.#file = file;
    this.#interface = file.addInterface({ linkType: linkTypes.ethernet, name: 'sip', description: 'SIP, keys hidden' });
  }

  /** @throws {TrustlineError} cli.files-exist */
  static async open(path: string): Promise<TraceCapture> {
    if (existsSync(path)) {
      throw new TrustlineError('cli.files-exist', `${path} is there already, and is not overwritten.`, {
        nextStep: 'Name another file.',
      });
    }
    return new TraceCapture(await CaptureFile.open(path, { section: { application: 'trustline sip trace' } }));
  }

  async write({ at, direction, transport, local, remote, text }: TracedText): Promise<void> {
    if (text === null) return;
    const [here, there] = [addressOf(local), addressOf(remote)];
    const [source, destination] = direction === 'sent' ? [here, there] : [there, here];
    this.#file.write({
      interface: this.#interface,
      time: timeFromMilliseconds(Date.parse(at)),
      direction: direction === 'sent' ? 'outbound' : 'inbound',
      data: encapsulateUdp({ source, destination, payload: Buffer.from(text) }),
      ...(transport === 'udp' ? {} : { comment: `Passed over ${transport.toUpperCase()}.` }),
    });
    await this.#file.flush(); // whoever presses Ctrl-C has all that was told
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** `192.0.2.7:5061`, `[2001:db8::7]:5061`. */
function addressOf(authority: string): TransportAddress {
  const colon = authority.lastIndexOf(':');
  const address = authority.slice(0, colon).replace(/^\[|\]$/g, '');
  return { address, port: Number(authority.slice(colon + 1)) };
}
