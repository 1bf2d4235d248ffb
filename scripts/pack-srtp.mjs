// `npm run pack:srtp [-- --out folder] [--json]`: makes of packages/srtp the npm package that people install alone, a
// tarball in artefacts/ or in the folder named, and says how large it is. The sources are compiled; the packed manifest
// points at the JavaScript, the manifest of the room goes on pointing at the sources.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reachFrom, withJavaScriptNames } from './emitted-modules.mjs';
import { ensureInstalled, environment, main, npm, root, run, SetupFailure } from './setup.mjs';

const room = join(root, 'packages/srtp');
const manifest = JSON.parse(readFileSync(join(room, 'package.json'), 'utf8'));

await main(async () => {
  const { values } = parseArgs({ options: { out: { type: 'string' }, json: { type: 'boolean' } } });
  await ensureInstalled();
  const out = resolve(values.out ?? join(root, 'artefacts'));
  const stage = mkdtempSync(join(tmpdir(), 'trustline-pack-'));
  try {
    await compile(join(stage, 'dist'));
    const loaded = keepWhatIsReached(join(stage, 'dist'));
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(packedManifest(), undefined, 2)}\n`);
    writeFileSync(join(stage, 'README.md'), withoutLocalLinks(readFileSync(join(room, 'README.md'), 'utf8')));
    copyFileSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
    mkdirSync(out, { recursive: true });
    const tarball = join(out, `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
    rmSync(tarball, { force: true });
    const code = await npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', out], stage);
    if (code !== 0) throw new SetupFailure(`npm pack failed (exit code ${code}; the reason is above)`);
    const staged = filesOf(stage);
    report(
      {
        tarball,
        packed: statSync(tarball).size,
        files: staged.length,
        unpacked: octetsOf(staged),
        browser: { modules: loaded.browser.length, octets: octetsOf(loaded.browser) },
        node: { modules: loaded.all.length, octets: octetsOf(loaded.all) },
      },
      values.json === true,
    );
    return 0;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
});

/** JavaScript and declarations of what the entries import; tests, fixtures and benches are not among that. */
async function compile(dist) {
  const args = ['-p', join(room, 'tsconfig.pack.json'), '--outDir', dist];
  // What the compiler has to say goes to standard error: standard output may be read by a program.
  const stdio = ['ignore', 2, 2];
  const code = await run(join(root, 'node_modules/.bin/tsc'), args, { cwd: root, env: environment(), stdio });
  if (code !== 0) throw new SetupFailure('packages/srtp does not compile');
}

/**
 * Removes what no entry leads to: modules of types alone, and declarations that only the inside of the package needs,
 * such as the kernel's 56,000 letters once more as a type. Whatever is left must find all it imports in the package.
 */
function keepWhatIsReached(dist) {
  const declarations = filesOf(dist).filter((file) => file.endsWith('.d.ts'));
  for (const file of declarations) writeFileSync(file, withJavaScriptNames(readFileSync(file, 'utf8')));
  const entries = Object.values(manifest.exports).map((source) => join(dist, compiled(source)));
  const declared = (path) => path.replace(/\.js$/, '.d.ts');
  const browser = reachFrom([join(dist, compiled(manifest.exports['.']))]);
  const all = reachFrom(entries);
  const types = reachFrom(entries.map(declared), declared);
  refuseForeign('JavaScript that browsers load', browser.foreign, []);
  refuseForeign('JavaScript', all.foreign, ['node:crypto']);
  refuseForeign('declarations', types.foreign, []);
  for (const file of filesOf(dist)) if (!all.files.has(file) && !types.files.has(file)) rmSync(file);
  return { browser: [...browser.files], all: [...all.files] };
}

function refuseForeign(what, found, allowed) {
  const foreign = [...found].filter((name) => !allowed.includes(name));
  if (foreign.length > 0) throw new SetupFailure(`the packed ${what} would import ${foreign.join(', ')}`);
}

function compiled(source) {
  return relative('src', source).replace(/\.ts$/, '.js');
}

function packedManifest() {
  const { name, version, description, license, dependencies } = manifest;
  if (dependencies !== undefined) throw new SetupFailure('packages/srtp must have no dependency');
  const exports = Object.entries(manifest.exports).map(([entry, source]) => {
    const module = `./dist/${compiled(source)}`;
    return [entry, { types: module.replace(/\.js$/, '.d.ts'), default: module }];
  });
  return {
    ...{ name, version, description, license },
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20' },
    exports: Object.fromEntries(exports),
    files: ['dist'],
  };
}

/** Links into the repository lead nowhere in the package: their words stay. */
function withoutLocalLinks(readme) {
  const parts = readme.split(/(^```[\s\S]*?^```$)/m);
  const text = (part) => part.replace(/!?\[([^\]]*)\]\((?![a-z][a-z0-9+.-]*:|#)[^)\s]*\)/gi, '$1');
  return parts.map((part, i) => (i % 2 === 0 ? text(part) : part)).join('');
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function octetsOf(files) {
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}

function report(made, asJson) {
  if (asJson) {
    process.stdout.write(`${JSON.stringify(made)}\n`);
    return;
  }
  const octets = (count) => `${count.toLocaleString('en').padStart(9)} octets`;
  const { tarball, packed, files, unpacked, browser, node } = made;
  process.stdout.write(`${relative(process.cwd(), tarball)}
packed      ${octets(packed)}
unpacked    ${octets(unpacked)} in ${files} files
browsers    ${octets(browser.octets)} of JavaScript in ${browser.modules} modules, from "."
Node.js     ${octets(node.octets)} of JavaScript in ${node.modules} modules, from "." and "./node"
`);
}
