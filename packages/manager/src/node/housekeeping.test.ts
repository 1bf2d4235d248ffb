import type { CertificateStatus, Cluster } from '@trustline/pki/node';
import { expect, test } from 'vitest';
import { createHousekeeping } from './housekeeping.ts';
import type { ManagerContext } from './parts.ts';

const now = Date.UTC(2026, 10, 23, 12);
const day = 86_400_000;

test('a certificate in use that has ended or soon will is said at the start, with what to do', async () => {
  const said: { kind: string; cause: string }[] = [];
  const status = (title: string, notAfter: number | undefined, state: 'in use' | 'replaced' = 'in use') =>
    ({ title, subject: `CN=${title}`, notAfter, state }) as CertificateStatus;
  const context = {
    configuration: { records: { eraseAfterDays: 0 } },
    clock: { now: () => now, monotonic: () => 0 },
    store: { registrations: { removeExpired: async () => 0 } },
    cluster: {
      status: () => [
        status('fresh', now + 400 * day),
        status('soon', now + 3 * day),
        status('over', now - day),
        status('before', now - day, 'replaced'),
        status('bare key', undefined),
      ],
    } as Pick<Cluster, 'status'>,
    journal: { event: async (kind: string, { cause }: { cause: string }) => void said.push({ kind, cause }) },
  } as unknown as ManagerContext;
  const housekeeping = createHousekeeping(context);
  await housekeeping.start();
  await housekeeping.stop();
  expect(said).toEqual([
    { kind: 'certificate-expiring', cause: 'soon (CN=soon) expires on 2026-11-26 12:00 UTC.' },
    { kind: 'certificate-expired', cause: 'over (CN=over) expired on 2026-11-22 12:00 UTC.' },
  ]);
});
