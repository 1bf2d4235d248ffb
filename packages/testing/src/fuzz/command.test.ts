import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FuzzArguments } from './arguments.ts';
import { runFuzzCommand } from './command.ts';

/** A repository of a few rooms, with a target for each end that fuzzing can have. */
const targets = {
  'steady/fuzz/reader.ts': 'export function fuzz(data: Uint8Array): void { if (data[0] === 1) data.fill(0); }',
  'shaky/fuzz/first-octets.ts': `
    export const corpus = () => [Uint8Array.from({ length: 40 }, (_, at) => at)];
    export function fuzz(data: Uint8Array): void { if (data.includes(17)) throw new Error('seventeen at ' + data.indexOf(17)); }`,
  'quitting/fuzz/quits.ts': 'export function fuzz(data: Uint8Array): void { if (data.length > 0) process.exit(0); }',
  'late/fuzz/promise.ts': 'export async function fuzz(): Promise<void> {}',
  'empty/fuzz/nothing.ts': 'export const fuzzy = 1;',
};
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'trustline-fuzz-'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  for (const [path, text] of Object.entries(targets)) {
    mkdirSync(dirname(join(root, 'packages', path)), { recursive: true });
    writeFileSync(join(root, 'packages', path), text);
  }
  mkdirSync(join(root, 'packages/sip/src'), { recursive: true });
  writeFileSync(join(root, 'packages/sip/src/index.ts'), '');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function run(asked: Partial<FuzzArguments>): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const usual = { rooms: [], seconds: 1, seed: 3, hangLimit: 10_000, coverage: true, replay: undefined };
  const code = await runFuzzCommand({ ...usual, ...asked }, { root, print: (line) => lines.push(line) });
  return { code, said: lines.join('\n') };
}

test('a target without a fault has one line with its seed', async () => {
  const { code, said } = await run({ rooms: ['steady'] });
  expect(code).toBe(0);
  expect(said).toMatch(
    /^steady\/reader: \d+ executions in 1 s, corpus 0 and 1 that reached new code, 100.0 % of what was loaded ran, seed 3\nfuzzing: 1 rooms, no failure$/,
  );
  expect((await run({ rooms: ['steady'], coverage: false })).said).toMatch(
    /^steady\/reader: \d+ executions in 1 s, corpus 0, seed 3\n/,
  );
});

test('a failing input is kept, cut to what matters, and can be replayed by its file alone', async () => {
  const { code, said } = await run({ rooms: ['shaky'] });
  expect(code).toBe(1);
  expect(said).toContain('shaky/first-octets: FAILED after 2 executions, seed 3; the input, cut from 40 octets to 1,');
  expect(said).toContain('npm run fuzz -- --replay artefacts/fuzz/shaky-first-octets-3-2.bin');
  expect(said).toContain('Error: seventeen at 17');
  const kept = join(root, 'artefacts/fuzz/shaky-first-octets-3-2.bin');
  expect([...readFileSync(kept)]).toEqual([17]);
  const again = await run({ replay: kept });
  expect(again.code).toBe(1);
  expect(again.said).toContain(
    'shaky/first-octets: 1 octets of shaky-first-octets-3-2.bin: FAILED\nError: seventeen at 0',
  );
  expect(await run({ replay: kept, rooms: ['steady'] })).toEqual({
    code: 0,
    said: 'steady/reader: 1 octets of shaky-first-octets-3-2.bin: no failure',
  });
});

test('a target that ends its thread has failed, and the input is kept', async () => {
  const { code, said } = await run({ rooms: ['quitting'] });
  expect(code).toBe(1);
  expect(said).toContain('it ended the thread that executed it');
  expect(readdirSync(join(root, 'artefacts/fuzz'))).toContainEqual(
    expect.stringMatching(/^quitting-quits-3-\d+\.bin$/),
  );
});

test('a target that answers later, or is none, proves nothing and fails', async () => {
  const { code, said } = await run({ rooms: ['late', 'empty'] });
  expect(code).toBe(1);
  expect(said).toContain('late/promise: FAILED after 1 executions');
  expect(said).toContain('empty/nothing: Error: it exports no fuzz(data)');
  expect(said).toContain('fuzzing: 2 failed');
});

test('a room that decodes what strangers send fails without a target', async () => {
  const { code, said } = await run({ rooms: ['sip'] });
  expect({ code, said }).toEqual({
    code: 1,
    said: 'sip: no fuzz target in packages/sip/fuzz\nfuzzing: 1 failed',
  });
});

test('a file whose name tells no target needs a room', async () => {
  const file = join(root, 'some.bin');
  writeFileSync(file, Uint8Array.of(1));
  await expect(run({ replay: file })).rejects.toThrow('tells no target');
});
