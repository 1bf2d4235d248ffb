import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ClaimedCall, claimOf } from '@trustline/audit';
import { TrustlineError } from '@trustline/base';
import { type ChainEntry, entryContent, verifyExport } from '@trustline/evidence';

/** What the records of our call manager claim. */
export interface Claims {
  readonly calls: readonly ClaimedCall[];
  /** Exports that do not verify, and why. Nothing of them counts as a claim. */
  readonly broken: readonly string[];
}

/** Of one export, or of all in a folder. */
export async function readClaims(path: string | undefined): Promise<Claims> {
  if (path === undefined) return { calls: [], broken: [] };
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder ? (await readdir(path)).filter((name) => /\.jsonl$/.test(name)).sort() : [];
  const files = isFolder ? names.map((name) => join(path, name)) : [path];
  const calls: ClaimedCall[] = [];
  const broken: string[] = [];
  for (const file of files) {
    const verdict = await verifyExport(createReadStream(file) as AsyncIterable<Uint8Array>);
    if (!verdict.ok) {
      if (verdict.rule === 'malformed' && !isFolder && !(await beginsAsExport(file))) {
        throw new TrustlineError('cli.no-records', `${file} is no export of records.`, {
          nextStep: 'Make one on the call manager: trustline records export --out records.jsonl',
        });
      }
      broken.push(`${file}: ${verdict.sentence}`);
    } else calls.push(...(await claimsOf(file)));
  }
  return { calls, broken };
}

/** A header is a line of this length at the most. */
const LONGEST_HEADER = 65_536;

/** Whether its first line is a map in JSON, as every export begins: what is not was hardly ever one. */
async function beginsAsExport(file: string): Promise<boolean> {
  let text = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', end: LONGEST_HEADER })) text += chunk;
  try {
    const header: unknown = JSON.parse(text.split('\n')[0] ?? '');
    return typeof header === 'object' && header !== null && !Array.isArray(header);
  } catch {
    return false;
  }
}

/** The calls of an export that was verified. */
async function claimsOf(file: string): Promise<readonly ClaimedCall[]> {
  const calls: ClaimedCall[] = [];
  let isHeader = true;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (isHeader || line === '') {
      isHeader = false;
      continue;
    }
    const content = entryContent(JSON.parse(line) as ChainEntry);
    if (content?.kind === 'call') calls.push(claimOf(content.record));
  }
  return calls;
}
