import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from './data-folder.ts';

let scratch: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'trustline-folder-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});

const holdFolder = `
  const { openDataFolder } = await import(process.argv[1]);
  openDataFolder(process.argv[2]);
  globalThis.gc(); // nothing refers to the folder any more: the lock must hold all the same
  process.stdout.write('held');
  setInterval(() => undefined, 1000);
`;

/** Another process that holds the folder. */
async function holder(path: string) {
  const module = new URL('./data-folder.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', holdFolder, module, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('is made for its owner alone, with a version', () => {
  const path = join(scratch, 'a', 'b');
  const folder = openDataFolder(path);
  expect(folder.created).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(path, 'VERSION'), 'utf8')).toBe('1\n');
  folder.close();
  const again = openDataFolder(path);
  expect(again.created).toBe(false);
  again.close();
});

test('of a newer version is refused and left as it is', () => {
  writeFileSync(join(scratch, 'VERSION'), '2\n');
  expect(() => openDataFolder(scratch)).toThrow(expect.objectContaining({ code: 'manager.data-folder-newer' }));
  expect(readFileSync(join(scratch, 'VERSION'), 'utf8')).toBe('2\n');
});

test('that holds something else is refused', () => {
  writeFileSync(join(scratch, 'thesis.txt'), '');
  expect(() => openDataFolder(scratch)).toThrow(expect.objectContaining({ code: 'manager.data-folder-foreign' }));
});

test('is refused to a second manager, which is told who holds it, and free again after kill -9', async () => {
  const path = join(scratch, 'data');
  const child = await holder(path);
  expect(() => openDataFolder(path)).toThrow(
    expect.objectContaining({
      code: 'manager.data-folder-in-use',
      message: expect.stringContaining(`process ${child.pid}`),
    }),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  openDataFolder(path).close();
});

test('keeps nothing of a backup that was interrupted: it holds a copy of the store', () => {
  const path = join(scratch, 'data');
  openDataFolder(path).close();
  mkdirSync(join(path, 'backup.unfinished'));
  writeFileSync(join(path, 'backup.unfinished', 'trustline.sqlite'), 'half');
  const folder = openDataFolder(path);
  expect(existsSync(folder.backupFolder)).toBe(false);
  folder.close();
});

test('is refused to a second manager in the same process', () => {
  const folder = openDataFolder(join(scratch, 'data'));
  expect(() => openDataFolder(folder.path)).toThrow(expect.objectContaining({ code: 'manager.data-folder-in-use' }));
  folder.close();
});
