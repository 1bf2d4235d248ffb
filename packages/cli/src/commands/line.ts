import type { ForwardingRequest, LineAnswer } from '@trustline/manager';
import { type Command, Option } from 'commander';
import { clientOf } from '../options.ts';
import { json, printable, type Terminal, table } from '../terminal.ts';
import { wholeNumber } from './start.ts';

const kinds = ['always', 'busy', 'unanswered', 'unregistered', 'do-not-disturb'] as const;

interface ForwardOptions {
  readonly always?: string;
  readonly busy?: string;
  readonly unanswered?: string;
  readonly unregistered?: string;
  readonly after?: number;
  readonly doNotDisturb?: true;
  readonly off?: readonly ((typeof kinds)[number] | 'all')[];
  readonly json?: true;
}

interface LimitOptions {
  readonly busyFrom?: number;
  readonly most?: number;
  readonly usual?: true;
  readonly json?: true;
}

interface MessageOptions {
  readonly new?: number;
  readonly old?: number;
  readonly json?: true;
}

export function addLineCommands(program: Command, terminal: Terminal): void {
  const line = program.command('line').description('directory numbers, and where their calls go');

  line
    .command('list')
    .description('every line with its devices and where its calls are forwarded')
    .addHelpText('after', '\nExample:\n  trustline line list --json')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).lines();
      if (options.json) return terminal.out(json(answer));
      terminal.out(answer.lines.length === 0 ? 'There is no line yet.\n' : lineTable(answer.lines));
    });

  line
    .command('forward <number>')
    .description('say where the calls of a line go that it does not take')
    .option('--always <number>', 'every call')
    .option('--busy <number>', 'while it is busy, or the call is declined')
    .option('--unanswered <number>', 'when nobody answers')
    .option('--unregistered <number>', 'while no phone of the line is registered')
    .option(
      '--after <seconds>',
      'how long it rings before --unanswered counts (default: calls.forwardSeconds)',
      wholeNumber,
    )
    .option('--do-not-disturb', 'the line does not ring: busy to whoever calls, or forwarded as --busy says')
    .addOption(new Option('--off <which...>', 'forward these no more').choices([...kinds, 'all']))
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
What is not named stays as it is. The forwarding line needs the right to dial the number, and encryption that a
call required of its first number is required of the next.

Examples:
  trustline line forward 1002 --busy 1003 --unanswered 1003 --after 15
  trustline line forward 1002 --do-not-disturb
  trustline line forward 1002 --off do-not-disturb
  trustline line forward 1002 --off all`,
    )
    .action(async (number: string, options: ForwardOptions, command: Command) => {
      const answer = await clientOf(command, terminal).forwardLine(number, requestOf(options));
      terminal.out(options.json ? json(answer) : lineTable(answer.lines));
      if (!options.json) for (const warning of answer.warnings) terminal.error(`warning: ${printable(warning)}.\n`);
    });

  addLimit(line, terminal);
  addMessageWaiting(line, terminal);
}

function addLimit(line: Command, terminal: Terminal): void {
  line
    .command('limit <number>')
    .description('say how many calls a line has: from how many on it is busy, and how many it has at most')
    .option('--busy-from <count>', 'calls from which on it is busy to others; 1 is no call waiting', wholeNumber)
    .option('--most <count>', 'calls that it has at most, its own included', wholeNumber)
    .option('--usual', 'as all lines: busy from 2 on, and 4 at most')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
What is not named stays as it is. Calls that run go on.

Examples:
  trustline line limit 1002 --busy-from 1
  trustline line limit 1002 --usual`,
    )
    .action(async (number: string, options: LimitOptions, command: Command) => {
      const usual = options.usual === true ? null : undefined;
      const request = { busyFrom: options.busyFrom ?? usual, most: options.most ?? usual };
      const answer = await clientOf(command, terminal).limitLine(number, request);
      terminal.out(options.json ? json(answer) : lineTable(answer.lines));
    });
}

function addMessageWaiting(line: Command, terminal: Terminal): void {
  line
    .command('message-waiting <number>')
    .description('tell the phones of a line how many voice messages wait for it')
    .option('--new <count>', 'messages that nobody has heard (default: none)', wholeNumber)
    .option('--old <count>', 'messages that somebody has heard (default: none)', wholeNumber)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
For whoever keeps the messages: a voice mail system, or a script. Phones of the line that have subscribed
(message-summary, RFC 3842) are told at once, others when they subscribe. Without options nothing waits any more.

Examples:
  trustline line message-waiting 1002 --new 2 --old 1
  trustline line message-waiting 1002`,
    )
    .action(async (number: string, options: MessageOptions, command: Command) => {
      const { new: fresh = 0, old = 0 } = options;
      const answer = await clientOf(command, terminal).setWaitingMessages(number, { new: fresh, old });
      terminal.out(options.json ? json(answer) : lineTable(answer.lines));
    });
}

function requestOf({
  always,
  busy,
  unanswered,
  unregistered,
  after,
  doNotDisturb,
  off = [],
}: ForwardOptions): ForwardingRequest {
  const isOff = (kind: (typeof kinds)[number]) => off.includes(kind) || off.includes('all');
  const part = (given: unknown, kind: (typeof kinds)[number]) =>
    typeof given === 'string' ? given : isOff(kind) ? null : undefined;
  return {
    always: part(always, 'always'),
    busy: part(busy, 'busy'),
    noAnswer: part(unanswered, 'unanswered'),
    unregistered: part(unregistered, 'unregistered'),
    noAnswerSeconds: after ?? (isOff('unanswered') ? null : undefined),
    doNotDisturb: doNotDisturb ?? (isOff('do-not-disturb') ? false : undefined),
  };
}

function lineTable(lines: readonly LineAnswer[]): string {
  const rows = lines.map(({ number, displayName, devices, forwarding, limits, messages }) => [
    number,
    displayName ?? '-',
    devices.join(', '),
    forwardingText(forwarding),
    limitsText(limits),
    messages.new + messages.old === 0 ? '-' : `${messages.new} new, ${messages.old} old`,
  ]);
  return table(['line', 'name', 'devices', 'forwarding', 'calls', 'messages'], rows);
}

function limitsText({ busyFrom, most }: LineAnswer['limits']): string {
  const parts = [busyFrom === null ? [] : [`busy from ${busyFrom}`], most === null ? [] : [`${most} at most`]].flat();
  return parts.join(', ') || '-';
}

function forwardingText({
  always,
  busy,
  noAnswer,
  unregistered,
  noAnswerSeconds,
  doNotDisturb,
}: LineAnswer['forwarding']): string {
  const after = noAnswerSeconds === null ? '' : ` after ${noAnswerSeconds} s`;
  const parts = [
    doNotDisturb ? ['do not disturb'] : [],
    always === null ? [] : [`always ${always}`],
    busy === null ? [] : [`busy ${busy}`],
    noAnswer === null ? [] : [`unanswered${after} ${noAnswer}`],
    unregistered === null ? [] : [`unregistered ${unregistered}`],
  ].flat();
  return parts.join(', ') || '-';
}
