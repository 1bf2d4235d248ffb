// `npm run check`: types, style, the import table, built code, dead code, the size of files, and documents. Every check
// runs; one that fails fails the whole.
import { join } from 'node:path';
import { ensureInstalled, environment, main, root, run, runNode24 } from './setup.mjs';

await main(async () => {
  await ensureInstalled();
  const bin = (name) => join(root, 'node_modules/.bin', name);
  const options = { cwd: root, env: environment() };
  const checks = [
    ['types (tsc)', () => run(bin('tsc'), ['-p', '.'], options)],
    ['style (biome)', () => run(bin('biome'), ['check', '.'], options)],
    ['imports (dependency-cruiser)', () => runNode24([join(root, 'scripts/check-rooms.mjs')], { cwd: root })],
    ['the kernel of srtp', () => runNode24([join(root, 'scripts/build-wasm.mjs'), '--check'], { cwd: root })],
    ['the page of the audit', () => run(bin('tsc'), ['-p', join(root, 'packages/audit/page')], options)],
    ['the page of the audit, built', () => runNode24([join(root, 'scripts/build-page.mjs'), '--check'], { cwd: root })],
    ['dead code (knip)', () => run(bin('knip'), ['--no-config-hints'], options)],
    ['file size', () => runNode24([join(root, 'scripts/check-size.mjs')], { cwd: root })],
    ['documents', () => runNode24([join(root, 'scripts/check-docs.mjs')], { cwd: root })],
  ];
  const failed = [];
  for (const [name, check] of checks) {
    process.stdout.write(`== ${name}\n`);
    if ((await check()) !== 0) failed.push(name);
  }
  process.stdout.write(failed.length === 0 ? `${checks.length} checks passed\n` : `failed: ${failed.join(', ')}\n`);
  return failed.length === 0 ? 0 : 1;
});
