import type { PublishedListAnswer, TrustAnswer } from '@trustline/manager';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, printable, type Terminal, table } from '../terminal.ts';
import { names } from './ctl-words.ts';

type Phones = TrustAnswer['phones'];

export function addTrustCommands(program: Command, terminal: Terminal): void {
  program
    .command('trust')
    .description('what phones believe')
    .command('status')
    .description('the trust lists in force, and where each phone stands against them')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
up to date  holds what is published for it
behind      has not fetched it yet, and would take it
locked      would refuse it: the reason is told in a phone's words and in ours
unknown     never fetched a list here; takes the first one blindly, as phones do

Example:
  trustline trust status --json`,
    )
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).trust();
      terminal.out(options.json ? json(answer) : statusText(answer));
    });
}

function statusText({ securityMode, trustNotice, noKeysBecause, lists, phones }: TrustAnswer): string {
  const notice = trustNotice === null ? '' : ` · ${trustNotice}`;
  const why = noKeysBecause === null ? '' : `No device is given keys: ${printable(noKeysBecause)}.\n`;
  const inForce = lists.length === 0 ? 'No trust list is published.\n' : lists.map(listText).join('\n');
  return `${securityMode} mode${notice}\n${why}\n${inForce}\n${phonesText(phones)}${leftBehindText(securityMode, phones)}`;
}

function listText(list: PublishedListAnswer): string {
  const { number, kind, state, publishedAt, signer, tokens, md5, sha1, wave } = list;
  const whose = state === 'wave' ? `for a wave of ${wave.length}: ${names(wave)}` : 'for all phones';
  const rows = tokens.map(({ subject, lab, notAfter }) => [
    `  token ${subject}`,
    `until ${notAfter.slice(0, 10)}${lab ? ', LAB SOFTWARE TOKEN' : ''}`,
  ]);
  const lines = [
    `${kind} number ${number}, ${whose}, published ${publishedAt.slice(0, 19).replace('T', ' ')} UTC`,
    `  signed by ${signer}`,
    ...rows.map(([token = '', until = '']) => `${token}, ${until}`),
    `  MD5 ${md5}`,
    `  SHA-1 ${sha1}`,
  ];
  return `${lines.map((line) => `${printable(line)}\n`).join('')}`;
}

function phonesText(phones: Phones): string {
  if (phones.length === 0) return 'There is no phone yet.\n';
  const of = (state: Phones[number]['state']) => phones.filter((phone) => phone.state === state);
  const counted = [
    ['up to date', of('up-to-date')],
    ['behind', of('behind')],
    ['locked', of('locked')],
    ['unknown', of('unknown')],
  ] as const;
  const rows = counted.map(([title, those]) => [title, String(those.length), names(those.map(({ device }) => device))]);
  const locked = of('locked').map(({ device, locked: why }) =>
    printable(`${device} is locked: it says "${why?.phoneWords ?? ''}". ${why?.words ?? ''}`),
  );
  return `${table(['PHONES', 'COUNT', 'NAMES'], rows)}${locked.map((line) => `${line}\n`).join('')}`;
}

/** Who is out of service is named with the reason; who would be is counted, for whoever thinks of leaving mixed mode. */
function leftBehindText(mode: TrustAnswer['securityMode'], phones: Phones): string {
  const behind = phones.flatMap(({ device, leftBehind }) => (leftBehind === null ? [] : [{ device, ...leftBehind }]));
  if (behind.length === 0) return '';
  if (mode === 'mixed') {
    const whose = names(behind.map(({ device }) => device));
    return `\nIf the cluster left mixed mode, ${behind.length} could not register: ${whose}\n`;
  }
  const lines = behind.map(
    ({ device, words, nextStep }) =>
      `${printable(`${device} cannot register while the cluster is non-secure: ${words}.`)}\n  next: ${printable(nextStep)}\n`,
  );
  return `\n${lines.join('')}`;
}
