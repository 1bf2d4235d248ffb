// `npm run bench -- [room …] [options]`: runs packages/<room>/bench/*.bench.ts under the repository's own Node.js, one
// after the other, alone on the machine. `sip`, `sccp` and `h323` bring the manager's with them: what they cost is seen there. The
// name of one benchmark (`boot`, `manager`) runs that one; without a room it lists what there is. What comes after the rooms,
// from the first option on, goes to the benchmarks; with `--json` among it, standard output is theirs alone.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, main, managerOptions, root, runNode24, SetupFailure } from './setup.mjs';

/** What a protocol costs is seen at the manager. */
const ofManager = {
  sip: ['core.bench.ts', 'tls.bench.ts'],
  sccp: ['skinny.bench.ts'],
  h323: ['gateway.bench.ts'],
};

await main(async () => {
  const given = process.argv.slice(2);
  const firstOption = given.findIndex((argument) => argument.startsWith('-'));
  const rooms = firstOption < 0 ? given : given.slice(0, firstOption);
  const options = firstOption < 0 ? [] : given.slice(firstOption);
  const heading = options.includes('--json') ? process.stderr : process.stdout;
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
    const named = [...all].filter(([, names]) => names.includes(`${room}.bench.ts`));
    if (named.length > 0) {
      for (const [where] of named) worst = Math.max(worst, await run(where, `${room}.bench.ts`, options, heading));
      continue;
    }
    if (files === undefined)
      throw new SetupFailure(`${room} has no benchmark. There are: ${[...all.keys()].join(', ')}`);
    const own = files.map((file) => [room, file]);
    const managers = (rooms.includes('manager') ? [] : (ofManager[room] ?? [])).map((file) => ['manager', file]);
    for (const [where, file] of [...own, ...managers]) {
      worst = Math.max(worst, await run(where, file, options, heading));
    }
  }
  return worst;
});

function run(where, file, options, heading) {
  heading.write(`== ${where}/${file}\n`);
  const path = join(root, 'packages', where, 'bench', file);
  const nodeOptions = where === 'manager' ? managerOptions : [];
  return runNode24(['--expose-gc', ...nodeOptions, path, ...options], { cwd: root });
}

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
