import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ManagerError } from '../error.ts';

/** Layout of the folder. A manager refuses a folder of a later one, which it could only damage. */
const folderVersion = 1;

const names = {
  version: 'VERSION',
  unfinishedVersion: 'VERSION.new',
  lock: 'lock',
  processId: 'manager.pid',
  store: 'trustline.sqlite',
  keptCalls: 'calls.kept',
  identity: 'pki',
  unfinishedBackup: 'backup.unfinished',
  restored: 'RESTORED',
} as const;

/** Files of the folder that belong to the running process, or are made anew: no backup holds them. */
export const transientNames: readonly string[] = [
  names.unfinishedVersion,
  names.lock,
  names.processId,
  names.store,
  `${names.store}-wal`,
  `${names.store}-shm`,
  names.keptCalls,
  names.unfinishedBackup,
  names.restored,
];

/** The name of the store's file in the folder. */
export const storeName = names.store;

/** The file by which a restored folder says that it is one, until its first manager has told it. */
export const restoredName = names.restored;

/** Locks of this process. A database that nobody refers to any more is closed by the garbage collector, and its lock gone. */
const heldLocks = new Set<DatabaseSync>();

/** The folder of one manager, held by this process until it is closed. */
export interface DataFolder {
  readonly path: string;
  /** Path of the SQLite file. */
  readonly storeFile: string;
  /** Path of what is kept of running calls. */
  readonly keptCallsFile: string;
  /** Folder of certificates and keys. */
  readonly identityFolder: string;
  /** Where a backup is prepared; what an interrupted one left was removed at the start. */
  readonly backupFolder: string;
  /** The file that says that the folder came from a backup. */
  readonly restoredFile: string;
  /** True when this start made it. */
  readonly created: boolean;
  close(): void;
}

/**
 * Opens a data folder, making it (mode 0700) when it is not there, and takes its lock.
 *
 * The lock is SQLite's exclusive lock of a file of its own: the kernel holds it, so it ends with this process
 * however that ends, and no stale lock can ever lock us out.
 *
 * @throws {ManagerError} manager.data-folder-in-use, -newer, -foreign, -unusable
 */
export function openDataFolder(path: string): DataFolder {
  const created = prepare(path);
  const lock = acquireLock(path);
  try {
    rmSync(join(path, names.unfinishedBackup), { recursive: true, force: true });
    writeFileSync(join(path, names.processId), `${process.pid}\n`, { mode: 0o600 });
  } catch (cause) {
    release(lock);
    throw unusable(path, cause);
  }
  return {
    path,
    storeFile: join(path, names.store),
    keptCallsFile: join(path, names.keptCalls),
    identityFolder: join(path, names.identity),
    backupFolder: join(path, names.unfinishedBackup),
    restoredFile: join(path, names.restored),
    created,
    close() {
      rmSync(join(path, names.processId), { force: true });
      release(lock);
    },
  };
}

/** Process id of the manager that last held the folder, for messages; undefined when none is written. */
export function managerProcess(path: string): number | undefined {
  try {
    const text = readFileSync(join(path, names.processId), 'utf8').trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Makes or checks the folder; true when it was made. Touches nothing in a folder that is not ours. */
function prepare(path: string): boolean {
  let entries: readonly string[];
  let version: string | undefined;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    entries = readdirSync(path).filter((name) => name !== names.unfinishedVersion);
    if (entries.includes(names.version)) version = readFileSync(join(path, names.version), 'utf8').trim();
  } catch (cause) {
    throw unusable(path, cause);
  }
  if (version === undefined && entries.length > 0) {
    throw new ManagerError(
      'manager.data-folder-foreign',
      `The folder ${path} holds other things than a manager's data (${entries[0]}).`,
      { nextStep: 'Name an empty or a new folder: --data FOLDER.' },
    );
  }
  if (version !== undefined && !/^\d+$/.test(version)) {
    throw new ManagerError('manager.data-folder-unusable', `The file ${join(path, names.version)} holds no version.`, {
      nextStep: 'Restore the folder from a copy.',
    });
  }
  if (version !== undefined && Number(version) > folderVersion) {
    throw new ManagerError(
      'manager.data-folder-newer',
      `The data folder ${path} is of version ${version}; this manager knows version ${folderVersion} and would damage it.`,
      { nextStep: 'Start the newer Trustline that wrote it, or name another folder: --data FOLDER.' },
    );
  }
  try {
    chmodSync(path, 0o700);
    if (version === undefined) {
      const unfinished = join(path, names.unfinishedVersion);
      writeFileSync(unfinished, `${folderVersion}\n`, { mode: 0o600, flush: true });
      renameSync(unfinished, join(path, names.version));
    }
  } catch (cause) {
    throw unusable(path, cause);
  }
  return version === undefined;
}

function acquireLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, names.lock), { timeout: 0 });
    chmodSync(join(path, names.lock), 0o600);
    lock.exec('BEGIN EXCLUSIVE');
    heldLocks.add(lock);
    return lock;
  } catch (cause) {
    lock?.close();
    if (!isLocked(cause)) throw unusable(path, cause);
    const holder = managerProcess(path);
    throw new ManagerError(
      'manager.data-folder-in-use',
      `Another manager${holder === undefined ? '' : ` (process ${holder})`} is using the data folder ${path}.`,
      {
        nextStep: 'Stop it first (trustline stop), or give this one a folder of its own: --data FOLDER.',
        cause,
      },
    );
  }
}

function release(lock: DatabaseSync): void {
  heldLocks.delete(lock);
  lock.close();
}

/** SQLITE_BUSY and SQLITE_LOCKED, extended codes included. */
function isLocked(error: unknown): boolean {
  const code = (error as { readonly errcode?: number }).errcode;
  return code !== undefined && [5, 6].includes(code & 0xff);
}

function unusable(path: string, cause: unknown): ManagerError {
  return new ManagerError(
    'manager.data-folder-unusable',
    `The data folder ${path} cannot be used: ${(cause as Error).message}`,
    { nextStep: 'Name a folder that this user may write: --data FOLDER.', cause },
  );
}
