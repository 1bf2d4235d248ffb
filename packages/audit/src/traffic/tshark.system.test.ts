import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCaptureFile } from '@trustline/capture/node';
import { missingPrograms } from '@trustline/testing/node';
import { describe, expect, test } from 'vitest';
import { Traffic } from './traffic.ts';

const folder = fileURLToPath(new URL('../../../h323/vectors/captures/', import.meta.url));
/** Between other stacks; a few with several connections each, in full (`npm run test:full`) all. */
const captures = readdirSync(folder).filter(
  (name) => name.endsWith('.pcap') && (process.env['TRUSTLINE_FULL'] === '1' || /separate|transfer/.test(name)),
);

/** What each side of each connection said, in hexadecimal, as our reader has it. */
async function ours(file: string): Promise<readonly string[]> {
  const sides: { octets: string }[] = [];
  const ignored = { datagram: () => {} };
  const traffic = new Traffic({
    openDatagrams: () => ignored,
    openConnection: () => {
      const said = { client: { octets: '' }, server: { octets: '' } };
      sides.push(said.client, said.server);
      return {
        data: (from, octets) => {
          said[from].octets += Buffer.from(octets).toString('hex');
        },
        gap: () => {
          throw new Error('nothing is missing in these');
        },
        ended: () => {},
      };
    },
  });
  for await (const item of readCaptureFile(file)) if (item.kind === 'packet') traffic.handle(item);
  traffic.end();
  return sides.map(({ octets }) => octets).sort();
}

/** The same as tshark has it, which numbers connections from 0: a row for each piece, indented for that of the server. */
function theirs(file: string, connections: number): readonly string[] {
  const follows = Array.from({ length: connections }, (_, stream) => ['-z', `follow,tcp,raw,${stream}`]).flat();
  const report = execFileSync('tshark', ['-n', '-q', '-r', file, ...follows], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const sides: string[] = [];
  for (const part of report.split(/^={3,}$/m)) {
    if (!part.includes('Follow: tcp')) continue;
    const rows = part.split('\n').filter((row) => /^\t?[0-9a-f]+$/.test(row));
    sides.push(rows.filter((row) => !row.startsWith('\t')).join(''));
    sides.push(
      rows
        .filter((row) => row.startsWith('\t'))
        .map((row) => row.slice(1))
        .join(''),
    );
  }
  return sides.sort();
}

describe.skipIf(missingPrograms('tshark'))('the octets of every connection are those that tshark follows', () => {
  test.each(captures)('%s', async (name) => {
    const file = join(folder, name);
    const found = await ours(file);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(theirs(file, found.length / 2));
  });
});
