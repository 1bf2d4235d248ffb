import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IpsecError } from '../error.ts';

/**
 * Takes the folder of a helper for this process: two in one folder would end each other's daemon and take each other's
 * sockets. The lock names a process and when it began, so that one that was killed locks nobody out.
 *
 * @returns gives the folder back
 * @throws {IpsecError} ipsec.folder-in-use
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'helper.lock');
  const holder = await holderOf(file);
  if (holder !== undefined) throw inUse(folder, holder);
  await rm(file, { force: true });
  try {
    await writeFile(file, `${process.pid} ${await beginningOf(process.pid)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inUse(folder, await holderOf(file));
    throw error;
  }
  return () => rm(file, { force: true });
}

/** The process that holds the lock; undefined where there is none, or it is gone. */
async function holderOf(file: string): Promise<number | undefined> {
  const [, pid, beginning] = /^(\d{1,10}) (\d{1,20})\n$/.exec(await readFile(file, 'utf8').catch(() => '')) ?? [];
  if (pid === undefined || (await beginningOf(Number(pid))) !== beginning) return undefined;
  return Number(pid);
}

/** When a process that runs began, in clock ticks since the machine did (proc(5), `starttime`): a number may be another's by now. */
async function beginningOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in brackets may hold spaces and brackets; `state`, the third field, follows it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const isDead = fields[0] === 'Z';
  return isDead ? undefined : fields[19];
}

function inUse(folder: string, holder: number | undefined): IpsecError {
  const who = holder === undefined ? '' : ` (process ${holder})`;
  return new IpsecError('ipsec.folder-in-use', `Another IPsec helper${who} uses the folder ${folder}`, {
    nextStep: 'stop it, or give this one an ipsec.folder and an ipsec.stateFile of its own',
  });
}
