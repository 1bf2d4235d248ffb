// `npm run build:asn1`: makes packages/h323/src/generated from the ASN.1 modules in packages/h323/asn1. With `--check` it
// writes nothing and fails when they would make something else.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, main, root, runNode24, SetupFailure } from './setup.mjs';

const room = join(root, 'packages/h323');
const target = join(room, 'src/generated');

await main(async () => {
  if (!process.argv.includes('--inside')) {
    await ensureInstalled();
    return runNode24([join(root, 'scripts/build-asn1.mjs'), '--inside', ...process.argv.slice(2)], { cwd: root });
  }
  const { generate } = await import('../packages/h323/src/asn1/generate.ts');
  const made = generate((name) => readFileSync(join(room, 'asn1', name), 'utf8'));
  if (process.argv.includes('--check')) {
    const differ = [...made].filter(([name, text]) => readOrNothing(name) !== text).map(([name]) => name);
    if (differ.length > 0)
      throw new SetupFailure(`${differ.join(', ')}: not what the modules make. Run: npm run build:asn1`);
    return 0;
  }
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) if (!made.has(name)) rmSync(join(target, name));
  for (const [name, text] of made) writeFileSync(join(target, name), text);
  process.stdout.write(`${made.size} files written to packages/h323/src/generated\n`);
  return 0;
});

function readOrNothing(name) {
  try {
    return readFileSync(join(target, name), 'utf8');
  } catch {
    return undefined;
  }
}
