// Enforces the import table (.dependency-cruiser.mjs) and proves that the enforcement works: the cruiser
// passes when it reads no module at all, so what it saw is counted against the files on disk, and a
// forbidden import planted in a scratch copy must be caught.
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import configuration from '../.dependency-cruiser.mjs';

const root = resolve(import.meta.dirname, '..');

async function cruiseTree(directory) {
  const { output } = await cruise(['packages'], {
    ruleSet: { forbidden: configuration.forbidden },
    validate: true,
    baseDir: directory,
    ...configuration.options,
  });
  return output;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

const sources = globSync('packages/*/{src,bench,fuzz}/**/*.ts', { cwd: root, exclude: ['**/competitors/**'] });
const seen = await cruiseTree(root);
const seenSources = new Set(seen.modules.map((module) => module.source));
const missed = sources.filter((source) => !seenSources.has(source));
if (sources.length === 0 || missed.length > 0) {
  fail(
    `The import check did not see ${missed.length} of ${sources.length} modules, first: ${missed[0] ?? 'none exist'}`,
  );
}
for (const violation of seen.summary.violations) {
  fail(`${violation.from} -> ${violation.to}: ${violation.rule.name}`);
}

/** What reads a clock, sleeps, draws randomness or opens a socket without any import. */
const ambient =
  /\b(?:Date\.now|new Date\(\)|Math\.random|performance\.now|set(?:Timeout|Interval|Immediate)|fetch|process)\b\s*(?=[.(])/;

/** The first line of a core's source that reaches outside by a global; comments and texts do not count. */
function ambientUse(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).split('\n');
  return code.findIndex((line) => ambient.test(line.replace(/\/\/.*$/, '').replace(/'(?:[^'\\]|\\.)*'/g, "''")));
}

const isCore = (path) => !/\/src\/node\/|\.(test|fixture)\.ts$|^packages\/(cli|testing)\/|\/(bench|fuzz)\//.test(path);
for (const source of sources.filter(isCore)) {
  const line = ambientUse(readFileSync(join(root, source), 'utf8'));
  if (line >= 0)
    fail(`${source}:${line + 1} reads a clock, a timer, randomness or the process: that belongs in src/node/`);
}
for (const planted of ['const at = Date.now();', 'setTimeout(run, 5);', 'Math.random()', 'await fetch(url)']) {
  if (ambientUse(planted) < 0) fail(`The check of globals is blind to: ${planted}`);
}

// The planted imports: one against the table, one socket in a core, one around an entry.
const scratch = mkdtempSync(join(tmpdir(), 'trustline-rooms-'));
try {
  cpSync(join(root, 'packages'), join(scratch, 'packages'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules') && !path.includes('vectors'),
  });
  mkdirSync(join(scratch, 'node_modules'), { recursive: true });
  symlinkSync(join(scratch, 'packages'), join(scratch, 'node_modules', '@trustline'));
  const planted = [
    ['packages/base/src/planted-room.ts', 'base-imports', "import '@trustline/keying';"],
    ['packages/rtp/src/planted-socket.ts', 'sans-io-core', "import 'node:net';"],
    ['packages/manager/src/planted-file.ts', 'sans-io-core', "import 'node:fs';"],
    ['packages/keying/src/planted-depth.ts', 'through-the-entry', "import '../../base/src/bytes.ts';"],
    ['packages/srtp/src/planted-crypto.ts', 'srtp-runs-in-browsers', "import 'node:crypto';"],
    ['packages/sip/src/planted-harness.ts', 'testing-is-for-tests', "import '@trustline/testing';"],
  ];
  for (const [path, , text] of planted) writeFileSync(join(scratch, path), `${text}\n`);
  process.chdir(scratch);
  const { summary } = await cruiseTree(scratch);
  process.chdir(root);
  for (const [path, rule] of planted) {
    const caught = summary.violations.some((violation) => violation.from === path && violation.rule.name === rule);
    if (!caught) fail(`The import check is blind: rule ${rule} did not catch the import planted in ${path}`);
  }
  if (process.exitCode === undefined) {
    process.stdout.write(
      `import table: ${sources.length} modules seen, ${planted.length} planted imports caught, no violation\n`,
    );
  }
} finally {
  process.chdir(root);
  rmSync(scratch, { recursive: true, force: true });
}
