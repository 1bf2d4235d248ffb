import type { ManagerContext, ManagerPart } from './parts.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Time between two looks at both clocks, in milliseconds. */
const clockInterval = 5_000;
/** A difference that is no mere adjustment, in milliseconds. */
const clockJump = 2_000;

/** Erases personal fields by rule, drops expired bindings, and says when the wall clock jumped. */
export function createHousekeeping({ configuration, clock, store, journal, log }: ManagerContext): ManagerPart {
  const { eraseAfterDays } = configuration.records;
  const timers: NodeJS.Timeout[] = [];
  let offset = clock.now() - clock.monotonic();

  async function tidy(): Promise<void> {
    try {
      await store.registrations.removeExpired(clock.now());
      if (eraseAfterDays > 0) {
        await journal.erase(clock.now() - eraseAfterDays * day, `older than ${eraseAfterDays} days`);
      }
    } catch (error) {
      log.warn(`Housekeeping failed and is tried again in an hour: ${(error as Error).message}`);
    }
  }

  function watchClock(): void {
    const current = clock.now() - clock.monotonic();
    const moved = current - offset;
    offset = current;
    if (Math.abs(moved) < clockJump) return;
    const seconds = Math.round(moved / 1000);
    const direction = seconds < 0 ? 'back' : 'forward';
    const cause = `The clock of this machine was set ${direction} by ${Math.abs(seconds)} s; calls and registrations go on.`;
    void journal.event('clock-jumped', { seconds, cause });
  }

  return {
    async start() {
      await tidy();
      timers.push(
        setInterval(() => void tidy(), hour),
        setInterval(watchClock, clockInterval),
      );
      for (const timer of timers) timer.unref();
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
    },
  };
}
