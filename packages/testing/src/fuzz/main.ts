/** What `npm run fuzz` starts: arguments in, lines and an exit code out. */
import { resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { runFuzzCommand } from './command.ts';

const root = resolve(import.meta.dirname, '../../../..');

try {
  const asked = readArguments(process.argv.slice(2), root, Date.now());
  process.exitCode = await runFuzzCommand(asked, { root, print: (line) => process.stdout.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
