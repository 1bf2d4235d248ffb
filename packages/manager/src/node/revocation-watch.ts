import { type OcspOutcome, OcspRefresher } from '@trustline/pki/node';
import type { ManagerContext, ManagerPart } from './parts.ts';

const minute = 60_000;
/** Time between two looks at what outside authorities say, in milliseconds. */
const interval = 5 * minute;

/** Learns what outside authorities revoke, ahead of time, so that every judgement finds it in memory. */
export interface RevocationWatch extends ManagerPart {
  /** Looks now: something was pinned or imported. */
  look(): void;
}

/** @param trustChanged closes the connections of what is not believed any more */
export function createRevocationWatch(
  { cluster, clock, journal, log }: ManagerContext,
  trustChanged: () => Promise<void>,
): RevocationWatch {
  const refresher = new OcspRefresher(cluster);
  /** Fingerprints of certificates of which it was said that nothing current is known. */
  let unknown: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isWanted = false;

  async function lookOnce(): Promise<void> {
    const outcomes = await refresher.refresh(() => clock.now());
    for (const outcome of outcomes) {
      if (outcome.result === 'revoked') await tellRevoked(outcome);
    }
    const stale = cluster.staleRevocations(clock.now());
    for (const { certificate, device, reason } of stale) {
      if (unknown.has(certificate.fingerprint)) continue;
      const failure = outcomes.find(({ subject }) => subject.certificate.fingerprint === certificate.fingerprint);
      const why = failure?.reason === undefined ? '' : ` (${failure.reason})`;
      await journal.event('revocation-unknown', {
        ...(device === undefined ? {} : { device }),
        reason: 'stale-revocation',
        cause: `The certificate ${certificate.subject} of ${certificate.issuer}: ${reason}${why}.`,
        nextStep: failure?.nextStep ?? 'Import the newest list of its authority: trustline pki crl-import FILE',
      });
    }
    const now = new Set(stale.map(({ certificate }) => certificate.fingerprint));
    const isOther = now.size !== unknown.size || [...now].some((fingerprint) => !unknown.has(fingerprint));
    unknown = now;
    if (isOther || outcomes.some(({ result }) => result === 'revoked')) await trustChanged();
  }

  async function tellRevoked({ subject: { certificate }, reason }: OcspOutcome): Promise<void> {
    const device = cluster.trust.pinOf(certificate.fingerprint)?.device;
    await journal.event('certificate-revoked', {
      ...(device === undefined ? {} : { device }),
      reason: reason ?? 'unspecified',
      cause: `${certificate.issuer} has revoked the certificate ${certificate.subject} (${reason ?? 'unspecified'}).`,
      nextStep: 'Give the device a new certificate.',
    });
  }

  /** One look after the other; what is wanted meanwhile is one more. */
  async function lookWhileWanted(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      try {
        await lookOnce();
      } catch (error) {
        log.warn(
          `What outside authorities revoke could not be learned, and is asked again: ${(error as Error).message}`,
        );
      }
    }
    running = undefined;
  }

  function look(): void {
    isWanted = true;
    running ??= lookWhileWanted();
  }

  return {
    async start() {
      look(); // not waited for: a responder that hangs holds up no start
      timer = setInterval(look, interval);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      isWanted = false;
      refresher.close();
      await running;
    },
    look,
  };
}
