import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Store } from './store/store.ts';

/** What the event of a start says after a run that did not stop. */
export const crashSentence = ' The run before did not stop: it was killed, or its machine went down.';

/**
 * Notes that a manager runs on this store; true where the last one did not say that it had stopped. In a store that comes
 * from a backup that means nothing: it was taken while one ran.
 *
 * @param restoredFile is there where the store was restored
 */
export async function beginRun({ settings }: Store, restoredFile: string): Promise<boolean> {
  const died = (await settings.get('run')) === 'begun' && !existsSync(restoredFile);
  await settings.set('run', 'begun');
  return died;
}

/** A disk that takes nothing any more keeps no manager from stopping. */
export async function endRun({ settings }: Store, log: Logger): Promise<void> {
  try {
    await settings.set('run', 'ended');
  } catch (error) {
    log.error(`It could not be noted that the call manager stopped: ${(error as Error).message}`);
  }
}
