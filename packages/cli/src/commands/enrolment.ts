import { readFileSync } from 'node:fs';
import type { EnrolmentRequest, PendingEnrolment } from '@trustline/manager';
import { type Command, Option } from 'commander';
import { clientOf } from '../options.ts';
import { json, type Terminal, table } from '../terminal.ts';
import { wholeNumber } from './start.ts';

interface OpenOptions {
  readonly by: EnrolmentRequest['by'];
  readonly stringFile?: string;
  readonly minutes?: number;
  readonly keyKind: NonNullable<EnrolmentRequest['key']>;
  readonly action: NonNullable<EnrolmentRequest['action']>;
  readonly json?: true;
}

const phases: Readonly<Record<PendingEnrolment['phase'], string>> = {
  open: 'open',
  'waiting-for-outside-authority': 'waits for the outside authority',
  'certificate-ready': 'certificate is there',
};

export function addEnrolmentCommands(program: Command, terminal: Terminal): void {
  const enrolment = program
    .command('enrolment')
    .description('which phone may get its certificate (LSC) by CAPF, and how');

  enrolment
    .command('open <name>')
    .description('let a phone enrol, once')
    .addOption(
      new Option('--by <proof>', 'how the phone proves itself')
        .choices(['string', 'certificate', 'mic', 'nothing'])
        .makeOptionMandatory(),
    )
    .option('--string-file <file>', 'an authentication string of your own, 4 to 16 digits (default: one is made)')
    .option('--minutes <n>', 'how long a window without proof is open', wholeNumber)
    .addOption(
      new Option('--key-kind <kind>', 'the key that the phone makes')
        .choices(['RSA-1024', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'EC-P-256', 'EC-P-384', 'EC-P-521'])
        .default('RSA-2048'),
    )
    .addOption(
      new Option('--action <action>', 'what it is let do').choices(['install', 'delete', 'fetch']).default('install'),
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
string       digits that someone types into the phone; five wrong ones lock it
certificate  its LSC, or else its MIC
mic          its MIC, that of its maker
nothing      no proof: whoever comes first within --minutes gets its certificate

RSA-1024 is for phones that can do no better: a legacy listener alone believes such a certificate.

Examples:
  trustline enrolment open SEP001122334455 --by string
  trustline enrolment open SEP001122334455 --by nothing --minutes 10`,
    )
    .action((name: string, options: OpenOptions, command: Command) => open(name, options, command, terminal));

  enrolment
    .command('list')
    .description('every enrolment that is pending')
    .addHelpText('after', '\nExample:\n  trustline enrolment list --json')
    .option('--json', 'as JSON')
    .action(async (options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).enrolments();
      if (options.json) return terminal.out(json(answer));
      const rows = answer.enrolments.map((one) => [
        one.device,
        one.action,
        proofOf(one),
        one.locked ? 'LOCKED' : phases[one.phase],
        ...(one.nextStep === null ? [] : [one.nextStep]),
      ]);
      const hasNext = answer.enrolments.some(({ nextStep }) => nextStep !== null);
      const head = ['DEVICE', 'ACTION', 'PROOF', 'STATE', ...(hasNext ? ['NEXT'] : [])];
      terminal.out(rows.length === 0 ? 'No enrolment is pending.\n' : table(head, rows));
    });

  enrolment
    .command('cancel <name>')
    .description('take it back')
    .addHelpText('after', '\nExample:\n  trustline enrolment cancel SEP001122334455')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).cancelEnrolment(name);
      terminal.out(options.json ? json(answer) : `${name} may not enrol any more.\n`);
    });

  enrolment
    .command('unlock <name>')
    .description('give a phone its tries back, after five wrong strings')
    .addHelpText('after', '\nExample:\n  trustline enrolment unlock SEP001122334455')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { readonly json?: true }, command: Command) => {
      const answer = await clientOf(command, terminal).unlockEnrolment(name);
      terminal.out(options.json ? json(answer) : `${name} may try again.\n`);
    });
}

async function open(name: string, options: OpenOptions, command: Command, terminal: Terminal): Promise<void> {
  const { by, stringFile, minutes, keyKind: key, action } = options;
  const answer = await clientOf(command, terminal).openEnrolment(name, {
    by,
    key,
    action,
    ...(minutes === undefined ? {} : { minutes }),
    ...(stringFile === undefined ? {} : { string: readFileSync(stringFile, 'utf8').trim() }),
  });
  if (options.json) return terminal.out(json(stringFile === undefined ? answer : { ...answer, string: null }));
  terminal.out(`${name} may ${action} its certificate once, by ${proofOf(answer.enrolment)}.\n`);
  // Whoever brought the string knows it.
  if (answer.string !== null && stringFile === undefined) {
    terminal.out(`Authentication string: ${answer.string} (shown once)\n`);
  }
}

function proofOf({ by, certificates }: PendingEnrolment): string {
  return by === 'certificate' ? certificates.join(' or ') : by;
}
