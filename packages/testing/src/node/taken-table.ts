import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from './eventually.ts';
import type { TwoNamespaces } from './two-namespaces.ts';

/**
 * Takes a table of nft away from whoever keeps it, as the administrator may, and keeps them from putting it back: one of its
 * name is there, empty, that belongs to somebody else. Returns what ends that.
 *
 * @param keeper process whose nft the table belongs to, if it does: such a table goes with that alone
 */
export async function takeTableAway(
  world: TwoNamespaces,
  end: 'manager' | 'gateway',
  table: string,
  keeper?: number,
): Promise<() => Promise<void>> {
  const taker = world.run(end, 'nft', ['-i']);
  const show = (...words: string[]) =>
    execFileSync('ip', ['netns', 'exec', world[end].namespace, 'nft', 'list', ...words], { encoding: 'utf8' });
  await eventually(`the table ${table} of somebody else`, () => {
    if (keeper !== undefined) endNftOf(keeper);
    taker.stdin?.write(`table inet ${table} { flags owner; }\n`);
    taker.stdin?.write(`delete table inet ${table}; add table inet ${table} { flags owner; }\n`);
    const isThere = show('tables').split('\n').includes(`table inet ${table}`);
    return isThere && !show('table', 'inet', table).includes('chain');
  });
  return async () => {
    if (taker.exitCode !== null || taker.signalCode !== null) return;
    const ended = once(taker, 'exit');
    taker.kill('SIGKILL');
    await ended;
  };
}

function endNftOf(keeper: number): void {
  for (const child of readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim().split(' ')) {
    try {
      if (readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'nft') process.kill(Number(child), 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
