import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PkiError } from '../error.ts';

const OTHERS = 0o077;

/** Writes a file whole or not at all: a temporary file beside it, flushed to the disk, then renamed over it. */
export async function writeFileAtomically(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFlushed(temporary, data, mode);
    await rename(temporary, path);
    await flushDirectory(dirname(path));
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw writeFailed(path, cause);
  }
}

/** True for the name of a file that `writeFileAtomically` had not finished. */
export function isTemporary(name: string): boolean {
  return /\.[0-9a-f]{12}\.tmp$/.test(name);
}

/** Adds to the end of a file and returns once it is on the disk. */
export async function appendFlushed(path: string, data: string): Promise<void> {
  try {
    const file = await open(path, 'a', 0o600);
    try {
      await file.write(data);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeFailed(path, cause);
  }
}

async function writeFlushed(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new name in a folder survive a power cut. */
export async function flushDirectory(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder that only its owner enters. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw writeFailed(path, cause);
  }
}

/**
 * Reads a file that holds a key, if nobody else can.
 *
 * @throws {PkiError} pki.key-file-exposed, pki.key-file-unreadable
 */
export async function readPrivateFile(path: string): Promise<string> {
  await assertPrivate(path);
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/**
 * Refuses a file or folder that others on the machine may read or change.
 *
 * @throws {PkiError} pki.key-file-exposed, pki.key-file-unreadable
 */
export async function assertPrivate(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if ((found.mode & OTHERS) === 0) return;
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  throw new PkiError('pki.key-file-exposed', `${path} has mode ${mode}: others on this machine can reach the key`, {
    nextStep: `Run: chmod ${found.isDirectory() ? '700' : '600'} '${path}'. If others could log in here, replace the key.`,
  });
}

function unreadable(path: string, cause: unknown): PkiError {
  return new PkiError('pki.key-file-unreadable', `${path} cannot be read (${reasonOf(cause)})`, {
    nextStep: 'Check that the file exists and belongs to the user who runs Trustline, or restore it from a backup.',
    cause,
  });
}

function writeFailed(path: string, cause: unknown): PkiError {
  return new PkiError('pki.write-failed', `${path} cannot be written (${reasonOf(cause)}); nothing was changed`, {
    nextStep: 'Check the free space and the owner of the folder.',
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown cause';
}
