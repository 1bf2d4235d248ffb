import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Commits after which what the log holds is moved into the file. */
export const CHECKPOINT_COMMITS = 256;

/**
 * Moves what the write-ahead log of a SQLite file holds into the file, in a thread of its own: SQLite would do so within a
 * commit, and syncs twice for it, which holds the process up for as long as a busy disk likes. The thread is made when
 * there is first something to move. Where it fails, SQLite's own limit still holds (`wal_autocheckpoint`).
 */
export class Checkpoints {
  readonly #path: string;
  #thread: Worker | undefined;
  #commits = 0;
  #isBusy = false;

  /** @param path of the SQLite file */
  constructor(path: string) {
    this.#path = path;
  }

  committed(): void {
    this.#commits += 1;
    if (this.#commits < CHECKPOINT_COMMITS || this.#isBusy) return;
    this.#commits = 0;
    this.#isBusy = true;
    this.#thread ??= this.#start();
    this.#thread.postMessage('checkpoint');
  }

  /** Ends the thread, whose connection would else be there after the last of the process's own. */
  async close(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    const ended = once(thread, 'exit');
    thread.ref(); // the process lives until it has ended
    thread.postMessage('close');
    await ended;
  }

  #start(): Worker {
    const thread = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
      workerData: this.#path,
      name: 'checkpoints',
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    });
    thread.unref();
    thread.on('message', () => {
      this.#isBusy = false;
    });
    // Busy for ever: no other is made.
    thread.on('error', () => undefined);
    thread.on('exit', () => {
      this.#thread = undefined;
    });
    return thread;
  }
}
