import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Vector, Verdict } from '../packing/consumer/vectors.ts';
import libsrtpPackets from '../vectors/libsrtp-packets.json' with { type: 'json' };
import libsrtpReference from '../vectors/libsrtp-reference.json' with { type: 'json' };
import { chromiumMissing, reportOf } from './testing/chromium.fixture.ts';
import { InstalledPackage, run } from './testing/package.fixture.ts';
import { requireForeign } from './testing/peer-program.fixture.ts';
import { olderRuntime } from './testing/runtimes.fixture.ts';

const profiles = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_256_GCM'] as const;
const libsrtp = [...libsrtpReference.vectors, ...libsrtpPackets.vectors];
const vectors = profiles.map((profile) => ({ profile, ...libsrtp.find(({ name }) => name === profile) }) as Vector);

/** How far from the truth the README may be before it has to be changed. */
const README_TOLERANCE = 0.1;

let installed: InstalledPackage;
beforeAll(() => {
  installed = new InstalledPackage();
  writeFileSync(join(installed.folder, 'vectors.json'), JSON.stringify(vectors));
  installed.compileConsumer('nodenext', 'nodenext');
}, 300_000);
afterAll(() => installed?.close());

/** Each vector, with each of these providers, without a fault. */
function faultless(providers: readonly string[]): Verdict[] {
  return providers.flatMap((provider) => profiles.map((profile) => ({ provider, profile, faults: [] })));
}

describe('the tarball', () => {
  test('holds compiled modules, their declarations, README and licence, and nothing else', () => {
    const strange = [...installed.files().keys()].filter(
      (path) => !/^(package\.json|README\.md|LICENSE|dist\/(node\/|wasm\/)?[a-z0-9-]+(\.d\.ts|\.js))$/.test(path),
    );
    expect(strange).toEqual([]);
    expect(installed.files().size).toBe(installed.packed.files);
    expect([...installed.files().values()].reduce((sum, octets) => sum + octets)).toBe(installed.packed.unpacked);
  });

  test('has a manifest without dependencies, whose entries lead to JavaScript and declarations', () => {
    const manifest = installed.manifest();
    expect(manifest).toMatchObject({ name: '@trustline/srtp', type: 'module', license: 'Apache-2.0' });
    expect(manifest).toMatchObject({ sideEffects: false, engines: { node: '>=20' } });
    expect(Object.keys(manifest).filter((field) => /dependencies|scripts|bin/i.test(field))).toEqual([]);
    expect(Object.keys(manifest.exports)).toEqual(['.', './node']);
    const paths = Object.values(manifest.exports).flatMap(({ types, default: module }) => [types, module]);
    expect(paths.filter((path) => !installed.files().has(path.replace('./', '')))).toEqual([]);
  });

  test('brings nothing else when it is installed', () => {
    expect(installed.installed()).toEqual(['@trustline/srtp']);
  });

  test('is as large as the README says', () => {
    const { packed, unpacked, browser } = installed.packed;
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
    const said = /(\d+) kB to download, (\d+) kB unpacked; a browser loads (\d+) kB/.exec(readme.replaceAll('\n', ' '));
    expect(said).not.toBeNull();
    for (const [i, octets] of [packed, unpacked, browser.octets].entries()) {
      expect(Math.abs(Number(said?.[i + 1]) * 1000 - octets)).toBeLessThan(README_TOLERANCE * octets);
    }
  });
});

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('its declarations satisfy a strict consumer, module %s, moduleResolution %s', (module, moduleResolution) => {
  installed.compileConsumer(module, moduleResolution);
});

const script = `
  import { readFileSync } from 'node:fs';
  import { verdictsInNode } from './in-node.js';
  const vectors = JSON.parse(readFileSync('vectors.json', 'utf8'));
  process.stdout.write(JSON.stringify({ version: process.version, verdicts: verdictsInNode(vectors) }));
`;

/** Node.js 20 has no relaxed SIMD: there the build with plain vectors is the fastest that can be taken. */
const runtimes = [
  { major: 20, variants: ['vector', 'plain'] },
  { major: 22, variants: ['relaxed', 'vector', 'plain'] },
  { major: 24, variants: ['relaxed', 'vector', 'plain'] },
];

test.for(runtimes)('makes and opens the packets of libsrtp under Node.js $major', ({ major, variants }, context) => {
  const here = process.versions.node.startsWith(`${major}.`);
  const { program, missing } = here ? { program: process.execPath, missing: undefined } : olderRuntime(major);
  requireForeign(missing, context);
  const { version, verdicts } = JSON.parse(
    run(program, ['--input-type=module', '--eval', script], installed.folder),
  ) as { version: string; verdicts: Verdict[] };
  expect(version).toMatch(new RegExp(`^v${major}\\.`));
  const kernels = ['', ...variants.map((variant) => `'${variant}'`)].map((argument) => `createWasmCrypto(${argument})`);
  expect(verdicts).toEqual(faultless(['nodeCrypto', 'hybridCrypto()', ...kernels]));
});

test("makes and opens the packets of libsrtp on a page's main thread in Chromium, without a bundler", async (context) => {
  requireForeign(chromiumMissing, context);
  const { text, asked } = await reportOf('page.html', installed.folder);
  const kernels = ['', "'relaxed'", "'vector'", "'plain'"].map((argument) => `loadWasmCrypto(${argument})`);
  expect(JSON.parse(text)).toEqual(faultless(kernels));
  // What was loaded is what `npm run pack:srtp` says that browsers load.
  const prefix = '/node_modules/@trustline/srtp/';
  const modules = asked.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const { browser } = installed.packed;
  const octets = modules.reduce((sum, path) => sum + (installed.files().get(path) ?? 0), 0);
  expect({ modules: modules.length, octets }).toEqual(browser);
});
