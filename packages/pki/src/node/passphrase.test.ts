import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPassphrase } from './passphrase.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'trustline-passphrase-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('comes from the first line of a file that only its owner can read', async () => {
  const path = join(home, 'passphrase');
  writeFileSync(path, 'correct horse\r\nsecond line\n', { mode: 0o600 });
  const read = () => readPassphrase({ kind: 'file', path }, {});
  expect((await read())?.reveal()).toBe('correct horse');
  chmodSync(path, 0o604);
  await expect(read()).rejects.toMatchObject({ code: 'pki.key-file-exposed' });
});

test('comes from a variable of the environment', async () => {
  const source = { kind: 'environment', variable: 'TRUSTLINE_PASSPHRASE' } as const;
  expect((await readPassphrase(source, { TRUSTLINE_PASSPHRASE: 'x' }))?.reveal()).toBe('x');
  await expect(readPassphrase(source, { TRUSTLINE_PASSPHRASE: '' })).rejects.toMatchObject({
    code: 'pki.passphrase-source',
  });
  await expect(readPassphrase(source, {})).rejects.toThrow(/the environment variable TRUSTLINE_PASSPHRASE holds no/);
});

test('is absent when none is wanted, and a missing file is said', async () => {
  expect(await readPassphrase({ kind: 'none' }, {})).toBeUndefined();
  const missing = readPassphrase({ kind: 'file', path: join(home, 'missing') }, {});
  await expect(missing).rejects.toMatchObject({ code: 'pki.key-file-unreadable', nextStep: expect.any(String) });
});
