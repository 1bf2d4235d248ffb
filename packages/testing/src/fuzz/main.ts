/** What `npm run fuzz` starts: arguments in, lines and an exit code out. */
import { resolve } from 'node:path';
import { help, readArguments } from './arguments.ts';
import { runFuzzCommand } from './command.ts';

const root = resolve(import.meta.dirname, '../../../..');

try {
  const asked = readArguments(process.argv.slice(2), root, Date.now());
  const print = (line: string) => process.stdout.write(`${line}\n`);
  if (asked === undefined) print(help);
  else process.exitCode = await runFuzzCommand(asked, { root, print });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
