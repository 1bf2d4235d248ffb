// No source file may exceed 800 lines: whoever reads it should hold it in mind. Official vectors and what
// a generator wrote are exempt, for nobody reads them from top to bottom.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const LIMIT = 800;
const SHOWN = 5;
const SOURCE = /\.(?:ts|mts|cts|tsx|js|mjs|cjs|jsx)$/;
const EXEMPT = [/(?:^|\/)vectors\//, /(?:^|\/)generated\//, /\.generated\.[a-z]+$/];

const root = resolve(import.meta.dirname, '..');

function lineCount(path) {
  const text = readFileSync(path, 'utf8');
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

// Files not committed yet count too; one deleted from the tree alone does not.
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const sizes = listed
  .split('\0')
  .filter((path) => SOURCE.test(path) && !EXEMPT.some((pattern) => pattern.test(path)) && existsSync(join(root, path)))
  .map((path) => ({ path, lines: lineCount(join(root, path)) }))
  .sort((one, other) => other.lines - one.lines);

const tooLong = sizes.filter(({ lines }) => lines > LIMIT);
for (const { path, lines } of sizes.slice(0, Math.max(SHOWN, tooLong.length))) {
  process.stdout.write(`${String(lines).padStart(6)}  ${path}\n`);
}
if (sizes.length === 0) {
  process.stderr.write('The size check saw no source file\n');
  process.exitCode = 1;
} else if (tooLong.length > 0) {
  process.stderr.write(
    `${tooLong.length} of ${sizes.length} source files exceed ${LIMIT} lines: split them by subject\n`,
  );
  process.exitCode = 1;
} else process.stdout.write(`${sizes.length} source files, none above ${LIMIT} lines\n`);
