// `npm start [-- flags]`: installs what is missing, then runs the call manager.
import { join } from 'node:path';
import { ensureInstalled, main, root, runNode24 } from './setup.mjs';

await main(async () => {
  await ensureInstalled();
  return runNode24([join(root, 'packages/cli/src/main.ts'), 'start', ...process.argv.slice(2)]);
});
