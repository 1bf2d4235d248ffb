import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const sync = promisify(fdatasync);

/**
 * The write-ahead log of a SQLite file, brought to the disk beside the work of the process and not within it: a disk
 * takes a millisecond or more for that, in which a manager handles dozens of messages. With `synchronous = NORMAL`
 * SQLite leaves what was committed to the system, and syncs by itself only before and after it moves the log into the
 * file; what was committed is on the disk once `synced` resolves.
 */
export class WriteAheadLog {
  readonly #path: string;
  #descriptor: number | undefined;

  /** @param database the path of the SQLite file */
  constructor(database: string) {
    this.#path = `${database}-wal`;
  }

  /** Resolves when everything that was committed before this call is on the disk. */
  async synced(): Promise<void> {
    this.#descriptor ??= this.#open();
    await sync(this.#descriptor);
  }

  /** SQLite holds no lock on this file that closing it could lose: its locks are on the database and its index. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    const descriptor = openSync(this.#path, 'r+');
    // Its name has to survive too.
    const folder = openSync(dirname(this.#path), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return descriptor;
  }
}
