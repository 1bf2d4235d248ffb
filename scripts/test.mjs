// `npm test [-- files]`: installs what is missing, then runs every test of the repository under its own Node.js.
// `--full` adds the long versions, `--interop` runs the tests with strangers alone and writes docs/interop.md. The last line is `N passed, N failed, N skipped`, counted by vitest itself.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interopFiles, outdatedMatrix, writeMatrix } from './interop.mjs';
import { ensureInstalled, main, root, runNode24 } from './setup.mjs';

await main(async () => {
  await ensureInstalled();
  const given = process.argv.slice(2);
  const full = given.includes('--full');
  const interop = given.includes('--interop');
  const filters = [
    ...given.filter((argument) => argument !== '--full' && argument !== '--interop'),
    ...(interop ? interopFiles : []),
  ];
  const scratch = mkdtempSync(join(tmpdir(), 'trustline-test-'));
  const report = join(scratch, 'report.json');
  try {
    const code = await runNode24(
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...filters,
      ],
      { cwd: root, env: full ? { TRUSTLINE_FULL: '1' } : {} },
    );
    const results = read(report);
    const { passed, failed, skipped } = count(results);
    if (interop) writeMatrix(results);
    else if (filters.length === 0 && !full && results !== undefined) {
      const outdated = outdatedMatrix(results);
      if (outdated !== undefined) {
        process.stdout.write(`${outdated}\n${passed} passed, ${failed + 1} failed, ${skipped} skipped\n`);
        return 1;
      }
    }
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
    // A run that saw no test proved nothing; an unhandled error fails the run though every test passed.
    return code === 0 && failed === 0 && passed > 0 ? 0 : code || 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}

function count(results) {
  if (results === undefined) return { passed: 0, failed: 1, skipped: 0 };
  // A file that could not be loaded has no tests to count, and is one failure.
  const unloadable = results.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloadable,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
