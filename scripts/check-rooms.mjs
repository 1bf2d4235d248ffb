// Enforces the import table (.dependency-cruiser.mjs) and proves that the enforcement works: the cruiser
// passes when it reads no module at all, so what it saw is counted against the files on disk, and a
// forbidden import planted in a scratch copy must be caught. What no import shows, ambient-use.mjs looks for.
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { cruise } from 'dependency-cruiser';
import configuration from '../.dependency-cruiser.mjs';
import { ambientUse } from './ambient-use.mjs';

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

const isCore = (path) => !/\/src\/node\/|\.(test|fixture)\.ts$|^packages\/(cli|testing)\/|\/(bench|fuzz)\//.test(path);
for (const source of sources.filter(isCore)) {
  const use = ambientUse(readFileSync(join(root, source), 'utf8'));
  if (use !== undefined)
    fail(`${source}:${use.line} uses ${use.what}, which reaches outside: that belongs in src/node/`);
}
const ambient = [
  'const at = Date.now();',
  'setTimeout(run, 5);',
  'Math.random()',
  'await fetch(url)',
  'await import(name)',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a source that is looked at
  'await import(`node:${name}`)',
  "process.getBuiltinModule('node:net')",
  "process?.['getBuiltinModule'](name)",
  'const { getBuiltinModule } = globalThis.process;',
  "const url = 'https://example.net'; process.exit()",
];
for (const planted of ambient) {
  if (ambientUse(`// planted\n${planted}`)?.line !== 2) fail(`The check of globals is blind to: ${planted}`);
}
for (const innocent of [
  "await import('./later.ts')",
  'const process = (one) => one; process(1)',
  'event.process = 1',
]) {
  if (ambientUse(innocent) !== undefined) fail(`The check of globals is wrong about: ${innocent}`);
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
    ['packages/sip/src/planted-later.ts', 'sans-io-core', "await import('node:net');"],
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
      `import table: ${sources.length} modules seen, ${planted.length} planted imports and ${ambient.length} planted uses of globals caught, no violation\n`,
    );
  }
} finally {
  process.chdir(root);
  rmSync(scratch, { recursive: true, force: true });
}
