// `npm run fuzz -- [room …] [--seconds 30] [--seed N]`: runs every packages/<room>/fuzz/*.ts under the repository's
// own Node.js. The time is a room's, shared by its targets. A target exports `fuzz(data)` and throws only on a bug.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, main, root, runNode24, SetupFailure } from './setup.mjs';

/** Rooms that decode what strangers send: each must have a target as soon as it has sources. */
const decodingRooms = ['capture', 'evidence', 'h323', 'keying', 'pki', 'rtp', 'sccp', 'sip', 'srtp'];

await main(async () => {
  const { rooms, seconds, seed } = readArguments(process.argv.slice(2));
  await ensureInstalled();
  const chosen = rooms.length > 0 ? rooms : readdirSync(join(root, 'packages')).sort().filter(isFuzzed);
  if (chosen.length === 0) throw new SetupFailure('there is no fuzz target at all: the list must not be empty');
  let failed = 0;
  for (const room of chosen) {
    const targets = targetsOf(room);
    if (targets.length === 0) {
      process.stdout.write(`${room}: no fuzz target in packages/${room}/fuzz\n`);
      failed += 1;
      continue;
    }
    for (const target of targets) {
      const share = Math.max(1, Math.floor(seconds / targets.length));
      const args = [join(root, 'scripts/fuzz-target.mjs'), room, target, String(share), String(seed)];
      if ((await runNode24(args, { cwd: root })) !== 0) failed += 1;
    }
  }
  process.stdout.write(failed === 0 ? `fuzzing: ${chosen.length} rooms, no failure\n` : `fuzzing: ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
});

function readArguments(args) {
  const rooms = [];
  let seconds = 30;
  let seed = Date.now() >>> 0;
  for (let at = 0; at < args.length; at += 1) {
    if (args[at] === '--seconds') seconds = number(args[++at], '--seconds');
    else if (args[at] === '--seed') seed = number(args[++at], '--seed');
    else if (existsSync(join(root, 'packages', args[at]))) rooms.push(args[at]);
    else throw new SetupFailure(`${args[at]} is no room. Usage: npm run fuzz -- [room …] [--seconds 30] [--seed N]`);
  }
  return { rooms, seconds, seed };
}

function number(text, option) {
  if (!/^\d+$/.test(text ?? '')) throw new SetupFailure(`${option} takes a whole number`);
  return Number(text);
}

function targetsOf(room) {
  const folder = join(root, 'packages', room, 'fuzz');
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.ts'))
        .sort()
    : [];
}

function isFuzzed(room) {
  const hasSources = existsSync(join(root, 'packages', room, 'src', 'index.ts'));
  return targetsOf(room).length > 0 || (decodingRooms.includes(room) && hasSources);
}
