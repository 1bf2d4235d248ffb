import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { TrustlineError } from '@trustline/base';
import { headerKey, headerNode, headText, parseHead, verifyExport } from '@trustline/evidence';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { clientOf } from '../options.ts';
import { json, type Terminal } from '../terminal.ts';
import { writeNew } from './new-file.ts';
import { wholeNumber } from './start.ts';

/** Version of what `records verify --json` prints. */
const VERDICT_SCHEMA = 1;

interface VerifyOptions {
  readonly head?: string;
  readonly publicKey?: string;
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
      if (options.out === undefined) {
        for await (const chunk of chunks) terminal.out(chunk);
        return;
      }
      const entries = (await writeNew(options.out, chunks)) - 1; // the first line is the header
      terminal.out(
        `${entries} entries are in ${options.out}. Verify them anywhere: trustline records verify ${options.out}\n`,
      );
    });

  records
    .command('head')
    .description('a signed statement of how many entries there are; kept elsewhere, it finds a cut tail')
    .option('--out <file>', 'to a file that must not exist yet (default: standard output)')
    .addHelpText('after', '\nExample:\n  trustline records head --out head.json')
    .action(async (options: { readonly out?: string }, command: Command) => {
      const { head } = await clientOf(command, terminal).recordsHead();
      if (options.out === undefined) {
        terminal.out(headText(head));
        return;
      }
      await writeNew(options.out, [headText(head)]);
      terminal.out(`The head of ${head.count} entries is in ${options.out}. Keep it elsewhere.\n`);
    });

  records
    .command('key')
    .description(
      'the public key that the records are signed with (PEM); kept elsewhere, it proves whose records they are',
    )
    .option('--out <file>', 'to a file that must not exist yet (default: standard output)')
    .addHelpText('after', '\nExample:\n  trustline records key --out records-key.pem')
    .action(async (options: { readonly out?: string }, command: Command) => {
      const header = new FirstLine(clientOf(command, terminal).exportRecords());
      for await (const _ of header) if (header.isComplete) break;
      const pem = headerKey(header.text)?.export({ format: 'pem', type: 'spki' }).toString() ?? '';
      if (options.out === undefined) {
        terminal.out(pem);
        return;
      }
      await writeNew(options.out, [pem]);
      terminal.out(`The public key of the records is in ${options.out}. Keep it elsewhere.\n`);
    });

  records
    .command('verify [export]')
    .description('prove that no record was altered, removed or reordered; an export is verified without a manager')
    .option('--head <file>', 'a head that was kept elsewhere: finds a cut tail')
    .option('--public-key <file>', 'public key of the manager (PEM), kept elsewhere: proves whose records they are')
    .option('--json', 'the verdict as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  trustline records verify\n  trustline records verify records.jsonl --head head.json --public-key records-key.pem',
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
  const chunks = new FirstLine(
    file === undefined
      ? clientOf(command, terminal).exportRecords()
      : (createReadStream(file) as AsyncIterable<Uint8Array>),
  );
  const head = options.head === undefined ? undefined : readHead(options.head);
  const publicKey = options.publicKey === undefined ? undefined : createPublicKey(readFileSync(options.publicKey));
  const verdict = await verifyExport(chunks, {
    ...(head === undefined ? {} : { head }),
    ...(publicKey === undefined ? {} : { publicKey }),
  });
  const key = headerKey(chunks.text);
  const fingerprint = key === undefined ? null : fingerprintOf(key);
  // The manager itself vouches for its key, a key or a head kept elsewhere does too; the file alone does not.
  const keyPinned = file === undefined || publicKey !== undefined || head !== undefined;
  if (options.json) {
    // The node is the export's own, wherever it is verified; `headerSigned` says whether it is proved.
    const node = headerNode(chunks.text) ?? null;
    terminal.out(json({ schema: VERDICT_SCHEMA, node, ...verdict, key: fingerprint, keyPinned }));
  } else if (verdict.ok) {
    const erased = verdict.erased === 0 ? '' : `, ${verdict.erased} of them with personal fields erased by rule`;
    terminal.out(`Verified: ${verdict.count} entries${erased}; none altered, removed or reordered.\n`);
    terminal.out(`Signed by the key ${fingerprint}.\n`);
    if (!keyPinned) {
      terminal.out(
        'That key stands in the file itself: whose it is shows only against one kept elsewhere: --public-key FILE.\n',
      );
    }
    if (!verdict.headerSigned) {
      terminal.out('Its header is not signed, as in exports of schema 1: its node and time are but a claim.\n');
    }
    if (head === undefined) terminal.out('A cut tail shows only against a head kept elsewhere: --head FILE.\n');
  } else terminal.error(`NOT verified: ${verdict.sentence}\n`);
  if (!verdict.ok) terminal.exitCode = exitCodes.notVerified;
}

/** SHA-256 of the public key (SPKI), as `trustline pki status` shows it of the record signer. */
function fingerprintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('hex');
}

/** Passes chunks on and keeps their first line. */
class FirstLine {
  text = '';
  isComplete = false;
  readonly #chunks: AsyncIterable<string | Uint8Array>;
  readonly #decoder = new TextDecoder();

  constructor(chunks: AsyncIterable<string | Uint8Array>) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array> {
    for await (const chunk of this.#chunks) {
      if (!this.isComplete) {
        const text = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true });
        const end = text.indexOf('\n');
        this.isComplete = end >= 0;
        this.text += end >= 0 ? text.slice(0, end) : text;
      }
      yield chunk;
    }
  }
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
