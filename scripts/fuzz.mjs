// `npm run fuzz -- [room …] [--seconds 30] [--seed N]`: runs every packages/<room>/fuzz/*.ts under the repository's
// own Node.js. The time is a room's, shared by its targets. A target exports `fuzz(data)` and throws only on a bug.
// The fuzzer itself is in packages/testing/src/fuzz; `--help` tells its further options.
import { join } from 'node:path';
import { ensureInstalled, main, root, runNode24 } from './setup.mjs';

await main(async () => {
  await ensureInstalled();
  const command = [join(root, 'packages/testing/src/fuzz/main.ts'), ...process.argv.slice(2)];
  // Of what is not compiled anew Node.js tells less exactly which code has run.
  return runNode24(command, { cwd: root, env: { NODE_DISABLE_COMPILE_CACHE: '1' } });
});
