// `npm run build:wasm`: builds the kernel of packages/srtp from packages/srtp/kernel (AssemblyScript) in three variants
// and writes them, as base64, to packages/srtp/src/wasm/kernel-bytes.ts. With `--check` it writes nothing and fails
// when the sources would build other octets than those.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { sha1Rounds } from '../packages/srtp/kernel/sha1-rounds.mjs';
import { ensureInstalled, main, root, SetupFailure } from './setup.mjs';

const folder = join(root, 'packages/srtp/kernel');
const target = join(root, 'packages/srtp/src/wasm/kernel-bytes.ts');

const variants = [
  { name: 'plainKernel', features: ['--disable', 'simd'], says: 'For engines without vectors.' },
  { name: 'vectorKernel', features: ['--enable', 'simd'], says: 'With 128-bit vectors.' },
  {
    name: 'relaxedKernel',
    features: ['--enable', 'simd', '--enable', 'relaxed-simd'],
    says: 'With 128-bit vectors and relaxed look-ups.',
  },
];

await main(async () => {
  await ensureInstalled();
  const check = process.argv.includes('--check');
  const { default: asc } = await import('assemblyscript/asc');
  const parts = [];
  for (const { name, features, says } of variants) {
    const octets = await build(asc, features);
    if (!check) process.stdout.write(`${name}: ${octets.byteLength} octets\n`);
    parts.push(`/** ${says} */\nexport const ${name} =\n  '${Buffer.from(octets).toString('base64')}';\n`);
  }
  const text = `// Built by \`npm run build:wasm\` from packages/srtp/kernel. Not to be edited.\n\n${parts.join('\n')}`;
  const where = relative(root, target);
  if (!check) {
    writeFileSync(target, text);
    process.stdout.write(`written to ${where}\n`);
    return 0;
  }
  if (readFileSync(target, 'utf8') !== text) {
    throw new SetupFailure(`${where} is not what its sources build. Run: npm run build:wasm`);
  }
  process.stdout.write(`${where} is what its sources build, ${variants.length} variants\n`);
  return 0;
});

/** The octets of one variant. */
async function build(asc, features) {
  let octets;
  const { error, stderr } = await asc.main(
    ['index.ts', '--outFile', 'kernel.wasm', '--runtime', 'stub', '--use', 'abort=', '--noAssert', '-O3']
      .concat(['--initialMemory', '2', '--disableWarning', '112'])
      .concat(features),
    {
      readFile: (name) => (name === 'sha1-rounds.ts' ? sha1Rounds() : read(name)),
      writeFile: (_name, contents) => {
        octets = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || octets === undefined) throw new SetupFailure(`the kernel does not build: ${error}\n${stderr}`);
  return octets;
}

/** The compiler asks for files that may not be there: null then. */
function read(name) {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return null;
  }
}
