import { setTimeout as passing } from 'node:timers/promises';
import { TrustlineError } from '@trustline/base';
import type { WaveAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, printable, type Terminal, table } from '../terminal.ts';
import { minute, names } from './ctl-words.ts';

type Wave = NonNullable<WaveAnswer['wave']>;
type PhoneOfWave = Wave['phones'][number];

interface WaveStatusOptions {
  readonly follow?: true;
  readonly json?: true;
}

interface CompleteOptions {
  readonly without?: readonly string[];
  readonly json?: true;
}

/** Milliseconds between two looks at a wave that is followed. */
const lookInterval = 1_000;

export function addWaveCommands(ctl: Command, terminal: Terminal): void {
  const wave = ctl.command('wave').description('a list that some phones have first');

  wave
    .command('status')
    .description('which phones of the wave are back; ends with 1 while one is not')
    .option('-f, --follow', 'until all of them are, each as it comes')
    .option('--json', 'as JSON; with --follow one object a line')
    .addHelpText(
      'after',
      `
A phone is back when it is known to hold the list: it fetched it, and registered, enrolled or asked TVS from the same
address afterwards.

Examples:
  trustline ctl wave status
  trustline ctl wave status --follow`,
    )
    .action(async (options: WaveStatusOptions, command: Command) => {
      const client = clientOf(command, terminal);
      if (options.follow) return followWave(client, options, terminal);
      const answer = await client.trustWave();
      const { phones } = waveOf(answer);
      if (phones.some(({ back }) => back === null)) terminal.exitCode = exitCodes.failed;
      terminal.out(options.json ? json(answer) : statusText(waveOf(answer)));
    });

  wave
    .command('complete')
    .description('give it to all phones, once those of the wave are known to hold it')
    .option('--without <phones...>', 'do not wait for these, which are known to be dead; needs --reason')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  trustline ctl wave complete\n  trustline ctl wave complete --without SEP001122334455 --reason "struck by lightning"',
    )
    .action(async (options: CompleteOptions, command: Command) => {
      const { without = [] } = options;
      const answer = await clientOf(command, terminal).completeWave({ without });
      terminal.out(options.json ? json(answer) : 'The list of the wave is that of all phones now.\n');
    });
}

/**
 * Watches the phones of the wave come back, and ends when all are.
 *
 * @throws {TrustlineError} cli.no-wave; cli.wave-over when another list took its place, or somebody completed it
 */
export async function followWave(
  client: ManagerClient,
  options: { readonly json?: true },
  terminal: Terminal,
): Promise<void> {
  const { number, phones } = waveOf(await client.trustWave());
  const told = new Set<string>();
  if (!options.json)
    terminal.out(`CTL number ${number}, for a wave of ${phones.length}. Ctrl-C ends the watch alone.\n`);
  for (let now = phones; ; ) {
    const back = now.filter((phone) => phone.back !== null);
    for (const phone of back.filter(({ device }) => !told.has(device))) {
      told.add(phone.device);
      const line = `${phone.device} ${backText(phone)} (${told.size} of ${now.length})`;
      terminal.out(options.json ? `${JSON.stringify(phone)}\n` : `${printable(line)}\n`);
    }
    if (back.length === now.length) break;
    await passing(lookInterval);
    const { wave } = await client.trustWave();
    if (wave?.number !== number) {
      throw new TrustlineError('cli.wave-over', `The wave of CTL number ${number} is over.`, {
        nextStep: 'trustline trust status shows what is published.',
      });
    }
    now = wave.phones;
  }
  if (!options.json) terminal.out('All of them are back. Give it to all phones: trustline ctl wave complete\n');
}

function statusText({ number, phones }: Wave): string {
  const back = phones.filter((phone) => phone.back !== null);
  const away = phones.filter((phone) => phone.back === null).map(({ device }) => device);
  const end =
    away.length === 0
      ? 'All of them are back. Give it to all phones: trustline ctl wave complete'
      : `Not back: ${names(away)}.`;
  const rows = phones.map((phone) => [phone.device, backText(phone)]);
  return `CTL number ${number}, for a wave of ${phones.length}: ${back.length} back.\n${table(['PHONE', 'LIST'], rows)}${end}\n`;
}

function backText({ back, given }: PhoneOfWave): string {
  if (back !== null) return `holds it since ${minute(back.since)}, seen at ${back.address}`;
  if (given !== null) return `was given it at ${minute(given.at)}, to ${given.address}, and was not seen since`;
  return 'was not given it yet';
}

/** @throws {TrustlineError} cli.no-wave */
function waveOf({ wave }: WaveAnswer): Wave {
  if (wave !== null) return wave;
  throw new TrustlineError('cli.no-wave', 'No CTL is published to a wave.', {
    nextStep: 'Publish one to a part of the phones with --wave; trustline trust status shows what is published.',
  });
}
