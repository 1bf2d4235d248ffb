import type { ManagerContext, ManagerPart } from './parts.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Time between two looks at both clocks, in milliseconds. */
const clockInterval = 5_000;
/** A difference that is no mere adjustment, in milliseconds. */
const clockJump = 2_000;

/** How long before its end a certificate in use is said to expire soon: long enough for an outside authority. */
const expiryNotice = 30 * day;

/** Erases personal fields by rule, drops expired bindings, says when a certificate ends and when the wall clock jumped. */
export function createHousekeeping({
  configuration,
  clock,
  store,
  cluster,
  journal,
  log,
}: ManagerContext): ManagerPart {
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

  /** Once a day for every certificate in use that has ended or soon will. */
  function watchCertificates(): void {
    const now = clock.now();
    for (const { title, subject, notAfter, state } of cluster.status()) {
      if (state !== 'in use' || notAfter === undefined || notAfter - now > expiryNotice) continue;
      const when = new Date(notAfter).toISOString().slice(0, 16).replace('T', ' ');
      const kind = notAfter <= now ? 'certificate-expired' : 'certificate-expiring';
      const cause = `${title} (${subject}) ${notAfter <= now ? 'expired' : 'expires'} on ${when} UTC.`;
      const nextStep = 'Replace it: trustline pki csr and trustline pki import.';
      void journal.event(kind, { reason: 'not-after', cause, nextStep });
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
      watchCertificates();
      timers.push(
        setInterval(() => void tidy(), hour),
        setInterval(watchCertificates, day),
        setInterval(watchClock, clockInterval),
      );
      for (const timer of timers) timer.unref();
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
    },
  };
}
