import { recordLine } from '@trustline/evidence';
import type { CallAnswer } from '@trustline/manager';
import type { Command } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { explanation } from './call-explanation.ts';
import { rungOf } from './ladder.ts';

export function addCallCommands(program: Command, terminal: Terminal): void {
  program
    .command('calls')
    .description('running calls with their security level, and the last that ended')
    .option('-f, --follow', 'instead, the messages of all calls as they pass, as a ladder, until Ctrl-C')
    .option('--json', 'as JSON; with --follow one object a line')
    .addHelpText(
      'after',
      `
With --follow the messages of SIP and Skinny (SCCP) phones pass, keys hidden: of Skinny those in which a call can be read (no
lamps, prompts, tones and digits). A call that is refused at once is there too, with the reason that its phone is given.

${mark} marks a call of which a device has lost its connection, or the signalling of one its protection; below the table stands
which, and how long it is waited for or since when.

Examples:
  trustline calls --json
  trustline calls --follow`,
    )
    .action(async (options: { readonly follow?: true; readonly json?: true }, command: Command) => {
      const client = clientOf(command, terminal);
      if (options.follow) {
        for await (const message of client.callMessages()) {
          terminal.out(options.json ? `${JSON.stringify(message)}\n` : rungOf(message, terminal.takesColour === true));
        }
        return;
      }
      const answer = await client.calls();
      if (options.json) return terminal.out(json(answer));
      terminal.out(answer.calls.length === 0 ? 'No call is running.\n' : runningCalls(answer.calls));
      if (answer.ended.length > 0)
        terminal.out(`\nEnded:\n${answer.ended.map((one) => `${recordLine(one)}\n`).join('')}`);
    });
  program
    .command('call')
    .argument('<call>', 'its name, or enough of its beginning')
    .description('explain a call: its way, its level and what lowered it, its legs and keys, its times, why it ended')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  trustline call 3fa2b1')
    .action(async (call: string, options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).call(call);
      terminal.out(options.json ? json(answer) : explanation(answer));
    });
}

/** What stands at a call that waits for a device, or for what protects the signalling of one. */
const mark = '(!)';

/**
 * The way of a call's media, and what is done to them there. Of a call from before a restart they are what they were, or have
 * been agreed on anew.
 */
function mediaOf({ relayed, transcoded, recovered }: CallAnswer): string {
  if (relayed === null) return recovered?.isMediaKnown === false ? 'direct, from before a restart' : 'direct';
  if (transcoded === null) return `relayed (${relayed})`;
  return `relayed (${relayed}, ${transcoded.caller} - ${transcoded.called})`;
}

function runningCalls(calls: readonly CallAnswer[]): string {
  const rows = calls.map((call) => [
    call.call,
    call.legs.some(({ lost, unprotected }) => lost !== null || unprotected !== null)
      ? `${call.state} ${mark}`
      : call.state,
    call.level,
    call.policy,
    mediaOf(call),
    call.legs
      .map(({ line, device, signalling, suite }) => `${line || device} (${signalling}, ${suite ?? 'no SRTP'})`)
      .join(' -> '),
  ]);
  const waiting = calls.flatMap(({ call, legs }) =>
    legs.flatMap(({ lost, unprotected }) => [
      ...(lost === null ? [] : [`${mark} ${call}: ${lost.cause}; waited for until ${lost.until}\n`]),
      ...(unprotected === null
        ? []
        : [`${mark} ${call}: ${unprotected.words} since ${unprotected.since}; its media go on with their keys\n`]),
    ]),
  );
  return `${table(['CALL', 'STATE', 'LEVEL', 'POLICY', 'MEDIA', 'LEGS'], rows)}${waiting.join('')}`;
}
