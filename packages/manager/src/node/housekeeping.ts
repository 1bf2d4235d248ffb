import { readCertificate } from '@trustline/pki';
import { dueNotices, type WatchedCertificate } from '../expiry-watch.ts';
import type { ManagerContext, ManagerPart } from './parts.ts';

const hour = 3_600_000;
const day = 24 * hour;
/** Time between two looks at the ends of certificates, in milliseconds. */
const expiryInterval = hour;
/** Time between two looks at both clocks, in milliseconds. */
const clockInterval = 5_000;
/** A difference that is no mere adjustment, in milliseconds. */
const clockJump = 2_000;

const issuedTitles = {
  'locally-significant': 'The certificate (LSC)',
  'manufacturer-installed': 'The certificate of the manufacturer (MIC)',
  operator: 'The operator’s certificate',
  'ipsec-gateway': 'The IPsec certificate of the gateway',
  sast: 'The certificate of the security token',
  'lab-sast': 'The certificate of the software token',
} as const;

const tokenRenewal = 'Make the trust list be signed by another token in time, and add a new one to it.';

/** What renews each. */
const renewals = {
  'locally-significant': 'Give it a new one: trustline device credentials NAME --out FOLDER',
  'manufacturer-installed': 'It cannot be renewed; give the phone an LSC, which does not need it any more.',
  operator: 'Give a new one: trustline operator remove NAME, then trustline operator add NAME.',
  'ipsec-gateway': 'Give it a new one: trustline ipsec certificate NAME --out FOLDER',
  sast: tokenRenewal,
  'lab-sast': tokenRenewal,
} as const;

const outsideRenewal = (device: string) =>
  `Ask for another: trustline enrolment open ${device} --by certificate, then trustline capf csr ${device}`;

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

  /** Tells of the ends of certificates, each notice once, whatever restarts there are. */
  async function watchCertificates(): Promise<void> {
    try {
      const now = clock.now();
      const notices = dueNotices(await watchedCertificates(), await store.expiryNotices.given(), now);
      for (const { certificate, days, cause } of notices) {
        const { device, nextStep, fingerprint } = certificate;
        const kind = days === 0 ? 'certificate-expired' : 'certificate-expiring';
        const about = device === undefined ? {} : { device };
        await journal.event(kind, { reason: 'not-after', cause, nextStep, ...about });
        // Told before it is remembered: what a crash comes between is told twice rather than never.
        await store.expiryNotices.remember(fingerprint, days, now);
      }
    } catch (error) {
      log.warn(`Certificates could not be watched and are looked at in an hour: ${(error as Error).message}`);
    }
  }

  /**
   * Those in use here, the newest of each kind that a token, or a device or operator of today, was given, and the MICs
   * that phones have shown, whoever made them.
   */
  async function watchedCertificates(): Promise<readonly WatchedCertificate[]> {
    const own = cluster.status().flatMap(({ title, subject, notAfter, state, fingerprint }) => {
      if (state !== 'in use' || notAfter === undefined) return [];
      const nextStep = 'Replace it: trustline pki csr and trustline pki import.';
      return [{ fingerprint, what: `${title} (${subject})`, notAfter, nextStep }];
    });
    const protectedGateways = configuration.ipsec.tunnels.map(({ gateway }) => gateway);
    const devices = new Set([...(await store.devices.list()).map(({ name }) => name), ...protectedGateways]);
    const operators = new Set((await store.operators.list()).map(({ name }) => name));
    const newest = new Map<string, WatchedCertificate>();
    for (const { role, holder, fingerprint, notAfter } of cluster.issued()) {
      const isOperator = role === 'operator';
      const isToken = role === 'sast' || role === 'lab-sast';
      if (!isToken && !(isOperator ? operators : devices).has(holder)) continue;
      const common = { fingerprint, notAfter, what: `${issuedTitles[role]} ${isToken ? '' : 'of '}${holder}` };
      newest.set(`${role} ${holder}`, {
        ...common,
        ...(isOperator || isToken ? {} : { device: holder }),
        nextStep: renewals[role].replace('NAME', holder),
      });
    }
    for (const { device, mic } of await store.phoneProofs.list()) {
      if (mic === undefined) continue;
      const { fingerprint, notAfter } = readCertificate(mic);
      const kind = 'manufacturer-installed';
      const what = `${issuedTitles[kind]} of ${device}`;
      newest.set(`${kind} ${device}`, { fingerprint, notAfter, what, device, nextStep: renewals[kind] });
    }
    for (const { device, certificate } of cluster.importedLscs()) {
      if (!devices.has(device)) continue;
      const { fingerprint, notAfter } = certificate;
      const what = `The certificate (LSC) of an outside authority of ${device}`;
      newest.set(`outside ${device}`, { fingerprint, notAfter, what, device, nextStep: outsideRenewal(device) });
    }
    const authorities = cluster.lscAuthorities().map(({ subject, fingerprint, notAfter }) => {
      const what = `The outside authority for LSCs (${subject})`;
      return { fingerprint, notAfter, what, nextStep: 'Let its next certificate: trustline pki lsc-authority import' };
    });
    return [...own, ...newest.values(), ...authorities];
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
      await watchCertificates();
      timers.push(
        setInterval(() => void tidy(), hour),
        setInterval(() => void watchCertificates(), expiryInterval),
        setInterval(watchClock, clockInterval),
      );
      for (const timer of timers) timer.unref();
    },
    async stop() {
      for (const timer of timers.splice(0)) clearInterval(timer);
    },
  };
}
