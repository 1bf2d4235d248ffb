// `npm run bench -- [room …] [option …]`: runs packages/<room>/bench/*.bench.ts under the repository's own Node.js, one after
// the other, alone on the machine; the options are theirs. `sip` brings the manager's with it: what SIP costs is seen there. Without a room it
// lists what there is.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, main, root, runNode24, SetupFailure } from './setup.mjs';

await main(async () => {
  const words = process.argv.slice(2);
  const firstOption = words.findIndex((word) => word.startsWith('-'));
  const rooms = firstOption < 0 ? words : words.slice(0, firstOption);
  const options = words.slice(rooms.length);
  const all = benches();
  if (rooms.length === 0) {
    process.stdout.write('Benchmarks (npm run bench -- <room>):\n');
    for (const [room, files] of all) process.stdout.write(`  ${room}: ${files.join(', ')}\n`);
    return 0;
  }
  await ensureInstalled();
  let worst = 0;
  for (const room of rooms) {
    const files = all.get(room);
    if (files === undefined)
      throw new SetupFailure(`${room} has no benchmark. There are: ${[...all.keys()].join(', ')}`);
    const own = files.map((file) => [room, file]);
    const managers = (all.get('manager') ?? []).map((file) => ['manager', file]);
    for (const [where, file] of room === 'sip' && !rooms.includes('manager') ? [...own, ...managers] : own) {
      process.stdout.write(`== ${where}/${file}\n`);
      const path = join(root, 'packages', where, 'bench', file);
      worst = Math.max(worst, await runNode24(['--expose-gc', path, ...options], { cwd: root }));
    }
  }
  return worst;
});

function benches() {
  const found = new Map();
  for (const room of readdirSync(join(root, 'packages')).sort()) {
    const folder = join(root, 'packages', room, 'bench');
    const files = existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.bench.ts'))
          .sort()
      : [];
    if (files.length > 0) found.set(room, files);
  }
  return found;
}
