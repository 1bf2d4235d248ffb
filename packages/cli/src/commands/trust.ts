import type { PublishedListAnswer, TrustAnswer } from '@trustline/manager';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, printable, type Terminal, table } from '../terminal.ts';
import { minute, names } from './ctl-words.ts';

type Phones = TrustAnswer['phones'];

export function addTrustCommands(program: Command, terminal: Terminal): void {
  const trust = program.command('trust').description('what phones believe');
  trust
    .command('status')
    .description('the trust lists in force, and where each phone stands against them')
    .option('--phones', 'each phone, too: what it holds, and what was given in its name')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
up to date  holds what is published for it
behind      was not seen to hold it yet, and would take it
locked      would refuse it: the reason is told in a phone's words and in ours
unknown     was never seen to hold a list; takes the first one blindly, as phones do

It ends with 1 while the published CTL lacks a certificate that a server shows.

Everybody may fetch a list in the name of a phone: it was given then, and is no more than that. A phone holds what it was
given once it registers, enrols or asks TVS from the same address afterwards.

Examples:
  trustline trust status --phones
  trustline trust status --json`,
    )
    .action(async (options: { readonly phones?: true; readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).trust();
      if (answer.unlisted.length > 0) terminal.exitCode = exitCodes.failed;
      if (options.json) return terminal.out(json(answer));
      terminal.out(statusText(answer));
      if (options.phones) terminal.out(`\n${eachPhone(answer.phones)}`);
    });
  trust
    .command('sign-itl')
    .description('let the cluster sign its ITL anew, though nothing in it has changed')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
For phones that come back from another cluster: they hold its ITL, and refuse one that is older. The CTL, which they hold
too, is signed anew where the tokens are: trustline ctl update.

Example:
  trustline trust sign-itl --reason "the phones come back"`,
    )
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).signItl();
      terminal.out(options.json ? json(answer) : 'The ITL was signed anew; phones take it when they next start.\n');
    });
}

function statusText(answer: TrustAnswer): string {
  const { securityMode, trustNotice, noKeysBecause, lists, phones } = answer;
  const notice = trustNotice === null ? '' : ` · ${trustNotice}`;
  const why = noKeysBecause === null ? '' : `No device is given keys: ${printable(noKeysBecause)}.\n`;
  const inForce = lists.length === 0 ? 'No trust list is published.\n' : lists.map(listText).join('\n');
  return `${securityMode} mode${notice}\n${why}${unlistedText(answer)}\n${inForce}\n${phonesText(phones)}${leftBehindText(securityMode, phones)}`;
}

/** What the published CTL lacks, and what to do about it. */
function unlistedText({ unlisted }: TrustAnswer): string {
  if (unlisted.length === 0) return '';
  const lines = unlisted.map(({ service, subject, serialNumber }) => `  ${service} ${subject}, serial ${serialNumber}`);
  const head =
    'The published CTL lags behind: it lacks what these servers show; phones take them by the word of TVS alone, or not at all.';
  const next = '  next: Sign a list of the present certificates where the tokens are: trustline ctl update';
  return [head, ...lines.map(printable), next].map((line) => `${line}\n`).join('');
}

function listText(list: PublishedListAnswer): string {
  const { number, kind, state, publishedAt, signer, tokens, md5, sha1, wave, waveBack } = list;
  const away = wave.filter((device) => !waveBack.includes(device));
  const back = `  ${waveBack.length} of ${wave.length} are back${away.length === 0 ? '' : `, not yet: ${names(away)}`}`;
  const whose = state === 'wave' ? `for a wave of ${wave.length}: ${names(wave)}` : 'for all phones';
  const rows = tokens.map(({ subject, lab, notAfter }) => [
    `  token ${subject}`,
    `until ${notAfter.slice(0, 10)}${lab ? ', LAB SOFTWARE TOKEN' : ''}`,
  ]);
  const lines = [
    `${kind} number ${number}, ${whose}, published ${publishedAt.slice(0, 19).replace('T', ' ')} UTC`,
    ...(state === 'wave' ? [back] : []),
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
  const states = ['up-to-date', 'behind', 'locked', 'unknown'] as const;
  const rows = states.map((state) => {
    const those = of(state).map(({ device }) => device);
    return [stateWords[state], String(those.length), names(those)];
  });
  const locked = of('locked').map(({ device, locked: why }) =>
    printable(`${device} is locked: it says "${why?.phoneWords ?? ''}". ${why?.words ?? ''}`),
  );
  const given = phones.filter((phone) => phone.given.length > 0).map(({ device }) => device);
  const hint =
    given.length === 0
      ? []
      : [`${names(given)}: a list was given in this name, and the phone was not seen since: --phones shows it.`];
  const lines = [...locked, ...hint.map(printable)];
  return `${table(['PHONES', 'COUNT', 'NAMES'], rows)}${lines.map((line) => `${line}\n`).join('')}`;
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

/** What each phone holds, since when and from which address; and what was given in its name. */
function eachPhone(phones: Phones): string {
  const rows = phones.flatMap(({ device, state, ctl, itl, given }) => {
    const held = [heldText('CTL', ctl), heldText('ITL', itl)].filter((text) => text !== undefined);
    const said = [
      ...(held.length === 0 ? ['holds nothing that is known'] : held),
      ...given.map(
        ({ kind, number, at, address }) => `was given ${kind} number ${number} at ${minute(at)}, to ${address}`,
      ),
    ];
    return said.map((text, line) => (line === 0 ? [device, stateWords[state], text] : ['', '', text]));
  });
  return table(['PHONE', 'STATE', 'LISTS'], rows);
}

function heldText(kind: 'CTL' | 'ITL', held: Phones[number]['ctl']): string | undefined {
  if (held === null) return undefined;
  return `holds ${kind} number ${held.number} since ${minute(held.since)}, seen at ${held.address}`;
}

const stateWords = {
  'up-to-date': 'up to date',
  behind: 'behind',
  locked: 'locked',
  unknown: 'unknown',
} as const satisfies Record<Phones[number]['state'], string>;
