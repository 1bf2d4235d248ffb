import { createPublicKey } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { TrustlineError } from '@trustline/base';
import { headText, parseHead, verifyExport } from '@trustline/evidence';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';
import { wholeNumber } from './start.ts';

interface VerifyOptions {
  readonly head?: string;
  readonly key?: string;
  readonly json?: true;
}

export function addRecordCommands(program: Command, terminal: Terminal): void {
  const records = program.command('records').description('the chain of events and call records: hashed and signed');

  records
    .command('export')
    .description('write the whole chain, to be verified anywhere')
    .option('--out <file>', 'to a file that must not exist yet (default: standard output)')
    .addHelpText('after', '\nExample:\n  trustline records export --out records.jsonl')
    .action(async (options: { readonly out?: string }, command: Command) => {
      const chunks = clientOf(command, terminal).exportRecords();
      if (options.out === undefined) for await (const chunk of chunks) terminal.out(chunk);
      else await writeNew(options.out, chunks);
    });

  records
    .command('head')
    .description('a signed statement of how many entries there are; kept elsewhere, it finds a cut tail')
    .option('--out <file>', 'to a file that must not exist yet (default: standard output)')
    .addHelpText('after', '\nExample:\n  trustline records head --out head.json')
    .action(async (options: { readonly out?: string }, command: Command) => {
      const text = headText((await clientOf(command, terminal).recordsHead()).head);
      if (options.out === undefined) terminal.out(text);
      else await writeNew(options.out, [text]);
    });

  records
    .command('verify [export]')
    .description('prove that no record was altered, removed or reordered; an export is verified without a manager')
    .option('--head <file>', 'a head that was kept elsewhere: finds a cut tail')
    .option('--key <file>', 'public key of the manager (PEM), kept elsewhere: proves whose records they are')
    .option('--json', 'the verdict as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  trustline records verify\n  trustline records verify records.jsonl --head head.json',
    )
    .action((file: string | undefined, options: VerifyOptions, command: Command) =>
      verify(file, options, command, terminal),
    );

  records
    .command('erase')
    .description('erase names, numbers and addresses of old entries; what remains still verifies')
    .requiredOption('--older-than <days>', 'age in days', wholeNumber)
    .addHelpText('after', '\nExample:\n  trustline records erase --older-than 30')
    .action(async (options: { readonly olderThan: number }, command: Command) => {
      const { erased } = await clientOf(command, terminal).eraseRecords(options.olderThan);
      terminal.out(`Personal fields of ${erased} entries were erased.\n`);
    });
}

async function verify(file: string | undefined, options: VerifyOptions, command: Command, terminal: Terminal) {
  const chunks =
    file === undefined
      ? clientOf(command, terminal).exportRecords()
      : (createReadStream(file) as AsyncIterable<Uint8Array>);
  const head = options.head === undefined ? undefined : readHead(options.head);
  const publicKey = options.key === undefined ? undefined : createPublicKey(readFileSync(options.key));
  const verdict = await verifyExport(chunks, {
    ...(head === undefined ? {} : { head }),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
  if (options.json) terminal.out(json(verdict));
  else if (verdict.ok) {
    const erased = verdict.erased === 0 ? '' : `, ${verdict.erased} of them with personal fields erased by rule`;
    terminal.out(`Verified: ${verdict.count} entries${erased}; none altered, removed or reordered.\n`);
    if (head === undefined) terminal.out('A cut tail shows only against a head kept elsewhere: --head FILE.\n');
  } else terminal.error(`NOT verified: ${verdict.sentence}\n`);
  if (!verdict.ok) terminal.exitCode = exitCodes.notVerified;
}

function readHead(file: string) {
  const head = parseHead(readFileSync(file, 'utf8'));
  if (head === undefined) {
    throw new TrustlineError('cli.no-head', `${file} is no head of records.`, {
      nextStep: 'Make one with: trustline records head --out FILE',
    });
  }
  return head;
}

/** Never over a file that is there: an export of yesterday is evidence too. */
async function writeNew(path: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) await file.write(chunk);
    await file.sync();
  } catch (error) {
    await rm(path); // half an export must not pass for a whole one
    throw error;
  } finally {
    await file.close();
  }
}
