import { TrustlineError } from '@trustline/base';
import type { PublicationAnswer } from '@trustline/manager';
import type { ManagerClient } from '@trustline/manager/node';
import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import { clientOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';
import { readListFile } from './ctl-file.ts';
import type { PublishOptions } from './ctl-options.ts';
import { followWave } from './ctl-wave.ts';
import { changesInWords, judgementInWords, leftBehindInWords, names } from './ctl-words.ts';

/** Publishes a list that was signed before. */
export async function publishFile(
  path: string,
  options: PublishOptions,
  command: Command,
  terminal: Terminal,
): Promise<void> {
  const { octets } = readListFile(path);
  await offerList(octets, clientOf(command, terminal), options, terminal, changesInWords);
}

/**
 * Asks the manager what would come of a signed list, shows it, and publishes it when a person says so.
 *
 * @param wordsOfChanges how to say what changes, where that was not shown yet
 * @throws {TrustlineError} cli.list-refused, cli.not-confirmed, cli.no-wave; nothing is published then
 */
export async function offerList(
  octets: Uint8Array,
  client: ManagerClient,
  options: PublishOptions,
  terminal: Terminal,
  wordsOfChanges: (changes: readonly string[]) => string = () => '',
): Promise<void> {
  const say = options.json ? () => {} : terminal.out;
  if (options.follow && options.wave === undefined) {
    throw new TrustlineError('cli.no-wave', '--follow watches the phones of a wave, and none was asked for.', {
      nextStep: 'Name its phones with --wave, or leave --follow out.',
    });
  }
  const wave = await devicesOfWave(options.wave, client);
  const request = {
    list: Buffer.from(octets).toString('base64'),
    ...(wave === undefined ? {} : { wave }),
    recovery: options.recovery ?? false,
  };
  const judged = await client.publishList({ ...request, dryRun: true });
  say(wordsOfChanges(judged.changes));
  say(judgementInWords(judged));
  if (judged.securityMode === 'non-secure') say(await leftBehindInWords(client));
  if (judged.problems.length > 0) throw refused(judged, options, terminal);
  if (options.dryRun) return finish(judged, 'Nothing was published: this was a dry run.\n', options, terminal);
  const whom = wave === undefined ? 'to all phones' : `to ${wave.length} of them (${names(wave)})`;
  await confirm(`Publish it ${whom}?`, options, terminal);
  const published = await client.publishList({ ...request, dryRun: false });
  if (published.published === null) throw refused(published, options, terminal);
  const next =
    wave === undefined
      ? 'Phones take it when they next start; those that are registered are told by: trustline device reset --behind'
      : 'When they are back: trustline ctl wave complete';
  const mode = `The list says ${published.securityMode} mode.`;
  finish(published, `Published ${whom} as number ${published.published}. ${mode}\n${next}\n`, options, terminal);
  if (options.follow) await followWave(client, options, terminal);
}

/** The devices that are meant: by their names, or a share of the phones, in the order of their names. */
async function devicesOfWave(
  wave: readonly string[] | undefined,
  client: ManagerClient,
): Promise<readonly string[] | undefined> {
  const [first, ...others] = wave ?? [];
  const share = first === undefined || others.length > 0 ? undefined : /^(\d{1,2}|100)%$/.exec(first)?.[1];
  if (wave === undefined || share === undefined) return wave;
  const { devices } = await client.devices();
  const phones = devices.filter(({ kind }) => kind === 'phone').map(({ name }) => name);
  const chosen = phones.sort().slice(0, Math.ceil((phones.length * Number(share)) / 100));
  if (chosen.length > 0) return chosen;
  throw new TrustlineError('cli.empty-wave', `${first} of ${phones.length} phones is none.`, {
    nextStep: 'Name phones, or leave --wave out to publish to all of them.',
  });
}

function finish(answer: PublicationAnswer, sentence: string, options: PublishOptions, terminal: Terminal): void {
  terminal.out(options.json ? json(answer) : sentence);
}

/** With --json the whole answer is printed all the same: scripts want to know which phones. */
function refused(answer: PublicationAnswer, options: PublishOptions, terminal: Terminal): TrustlineError {
  if (options.json) terminal.out(json(answer));
  const [problem] = answer.problems;
  const more = answer.problems.length > 1 ? ` (and ${answer.problems.length - 1} more)` : '';
  return new TrustlineError('cli.list-refused', `The list is not published: ${problem?.message ?? ''}${more}`, {
    nextStep: problem?.nextStep ?? '',
  });
}
