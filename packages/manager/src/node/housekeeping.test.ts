import type { Certificate } from '@trustline/pki';
import type { CertificateStatus, Cluster, IssuedCertificate } from '@trustline/pki/node';
import { makeTestCertificates } from '@trustline/testing';
import { expect, test } from 'vitest';
import { noticeKey } from '../expiry-watch.ts';
import { createHousekeeping } from './housekeeping.ts';
import type { ManagerContext } from './parts.ts';

const now = Date.UTC(2026, 10, 23, 12);
const day = 86_400_000;

test('a certificate that has ended or soon will is told of once, over restarts, with what to do', async () => {
  const said: { kind: string; cause: string; device?: string }[] = [];
  const given = new Set<string>();
  const status = (title: string, notAfter: number | undefined, state: 'in use' | 'replaced' = 'in use') =>
    ({ title, subject: `CN=${title}`, fingerprint: title, notAfter, state }) as CertificateStatus;
  const issued = (holder: string, role: IssuedCertificate['role'], notAfter: number) =>
    ({ holder, role, fingerprint: `${holder} ${role} ${notAfter}`, notAfter }) as IssuedCertificate;
  const outside = (subject: string, notAfter: number) => ({ subject, fingerprint: subject, notAfter }) as Certificate;
  const certificates = await makeTestCertificates(now - 1_075 * day);
  const { certificate: mic } = await certificates.manufacturerInstalled('SEP001122334455');
  const proofs = [
    { device: 'SEP1', mic: undefined, signsSessions: true },
    { device: 'SEP2', mic: mic.der, signsSessions: false },
  ];
  const context = {
    configuration: { records: { eraseAfterDays: 0 }, ipsec: { tunnels: [] } },
    clock: { now: () => now, monotonic: () => 0 },
    store: {
      registrations: { removeExpired: async () => 0 },
      devices: { list: async () => [{ name: 'SEP1' }, { name: 'SEP2' }] },
      operators: { list: async () => [{ name: 'ada' }] },
      phoneProofs: { list: async () => proofs },
      expiryNotices: {
        given: async () => given,
        remember: async (fingerprint: string, days: number) => void given.add(noticeKey(fingerprint, days)),
      },
    },
    cluster: {
      status: () => [
        status('fresh', now + 400 * day),
        status('soon', now + 3 * day),
        status('over', now - day),
        status('before', now - day, 'replaced'),
        status('bare key', undefined),
      ],
      issued: () => [
        issued('SEP1', 'locally-significant', now + 2 * day),
        issued('SEP1', 'locally-significant', now + 300 * day), // renewed: the earlier one matters no more
        issued('SEP1', 'manufacturer-installed', now + 80 * day),
        issued('SEP2', 'locally-significant', now + 20 * day),
        issued('SEP3', 'locally-significant', now + day), // removed
        issued('ada', 'operator', now + day),
        issued('SAST-1', 'sast', now + 6 * day),
      ],
      importedLscs: () => [
        { device: 'SEP1', certificate: outside('first', now + day), issuers: [] },
        { device: 'SEP1', certificate: outside('second', now + 7 * day), issuers: [] },
        { device: 'SEP3', certificate: outside('of a removed phone', now + day), issuers: [] },
      ],
      lscAuthorities: () => [outside('CN=Outside CA', now + 30 * day)],
    } as Pick<Cluster, 'status' | 'issued' | 'importedLscs' | 'lscAuthorities'>,
    journal: {
      event: async (kind: string, { cause, device }: { cause: string; device?: string }) =>
        void said.push({ kind, cause, ...(device === undefined ? {} : { device }) }),
    },
    log: { warn: (sentence: string) => void said.push({ kind: 'warning', cause: sentence }) },
  } as unknown as ManagerContext;
  for (let restart = 0; restart < 2; restart += 1) {
    const housekeeping = createHousekeeping(context);
    await housekeeping.start();
    await housekeeping.stop();
  }
  const kind = 'certificate-expiring';
  expect(said).toEqual([
    { kind, cause: 'soon (CN=soon) expires on 2026-11-26 12:00 UTC, in 3 days.' },
    { kind: 'certificate-expired', cause: 'over (CN=over) expired on 2026-11-22 12:00 UTC.' },
    {
      kind,
      device: 'SEP1',
      cause: 'The certificate of the manufacturer (MIC) of SEP1 expires on 2027-02-11 12:00 UTC, in 80 days.',
    },
    { kind, device: 'SEP2', cause: 'The certificate (LSC) of SEP2 expires on 2026-12-13 12:00 UTC, in 20 days.' },
    { kind, cause: 'The operator’s certificate of ada expires on 2026-11-24 12:00 UTC, in 1 day.' },
    { kind, cause: 'The certificate of the security token SAST-1 expires on 2026-11-29 12:00 UTC, in 6 days.' },
    {
      kind,
      device: 'SEP2',
      cause: 'The certificate of the manufacturer (MIC) of SEP2 expires on 2026-12-13 12:00 UTC, in 20 days.',
    },
    {
      kind,
      device: 'SEP1',
      cause: 'The certificate (LSC) of an outside authority of SEP1 expires on 2026-11-30 12:00 UTC, in 7 days.',
    },
    { kind, cause: 'The outside authority for LSCs (CN=Outside CA) expires on 2026-12-23 12:00 UTC, in 30 days.' },
  ]);
});
