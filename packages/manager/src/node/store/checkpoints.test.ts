import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CHECKPOINT_COMMITS, Checkpoints } from './checkpoints.ts';
import { openDatabase } from './dialect.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-checkpoints-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what was committed comes into the file beside the work, and the log begins anew', async () => {
  const path = join(folder, 'store.db');
  const database = openDatabase(path);
  database.exec('CREATE TABLE entry (text TEXT NOT NULL)');
  const put = database.prepare('INSERT INTO entry (text) VALUES (?)');
  const checkpoints = new Checkpoints(path);
  const octetsOf = (suffix: string) => statSync(`${path}${suffix}`).size;
  for (let at = 0; at < CHECKPOINT_COMMITS; at += 1) {
    put.run('x'.repeat(2_000));
    checkpoints.committed();
  }
  await checkpoints.close(); // once it has done what it was asked for
  expect(octetsOf('')).toBeGreaterThan(CHECKPOINT_COMMITS * 2_000);
  const log = octetsOf('-wal');
  for (let at = 0; at < CHECKPOINT_COMMITS; at += 1) put.run('x'.repeat(2_000));
  expect(octetsOf('-wal')).toBeLessThan(1.5 * log);

  database.close();
  expect(() => octetsOf('-wal')).toThrow('ENOENT'); // it was the last connection
});
