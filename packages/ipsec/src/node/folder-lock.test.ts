import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';
import { IpsecHelper } from './helper-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trustline-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder in use is not taken, and who uses it is said; given back it may be', async () => {
  const release = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'ipsec.folder-in-use',
    message: expect.stringContaining(`process ${process.pid}`) as string,
    nextStep: expect.stringContaining('ipsec.folder') as string,
  });
  await release();
  await (await lockFolder(folder))();
});

test('a helper leaves a folder in use, its lock and its daemon alone', async () => {
  const release = await lockFolder(folder);
  const lock = readFileSync(join(folder, 'helper.lock'), 'utf8');
  const options = {
    folder,
    stateFile: join(folder, 'guard.json'),
    stack: 'kernel',
    table: 'none',
    say: () => {},
  } as const;
  await expect(IpsecHelper.start(options)).rejects.toMatchObject({ code: 'ipsec.folder-in-use' });
  expect(readFileSync(join(folder, 'helper.lock'), 'utf8')).toBe(lock);
  await release();
});

test('a process that was killed locks nobody out, and neither does one that has its number since, or no lock at all', async () => {
  const child = spawn('sleep', ['60']);
  const beginning = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')[21];
  const lock = `${child.pid} ${beginning}\n`;
  writeFileSync(join(folder, 'helper.lock'), lock);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'ipsec.folder-in-use' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (const text of [lock, `${process.pid} 1\n`, '', 'x']) {
    writeFileSync(join(folder, 'helper.lock'), text);
    await (await lockFolder(folder))();
  }
});
