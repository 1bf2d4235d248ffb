/** The thread of `checkpoints.ts`: a connection of its own to the SQLite file whose path it is given. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * What is committed meanwhile is moved at once as well, so often at most: the log begins anew only when all of it has been
 * moved.
 */
const mostRounds = 4;

const database = new DatabaseSync(workerData as string);
database.exec('PRAGMA synchronous = NORMAL;');
// `PASSIVE` waits for nobody, and nobody for it.
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

parentPort?.on('message', (wanted: 'checkpoint' | 'close') => {
  if (wanted === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  for (let round = 0; round < mostRounds; round += 1) {
    const { log, checkpointed } = checkpoint.get() as { log: number; checkpointed: number };
    if (log === checkpointed) break;
  }
  parentPort?.postMessage('done');
});
