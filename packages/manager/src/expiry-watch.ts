/**
 * Tells when certificates come to their end: 90, 30 and 7 days before it, and at it, once each. A watch that begins
 * late says the nearest notice alone: whoever hears of 7 days needs not be told of 90.
 */

/** Days before the end at which it is told; 0 is the end itself. Long enough ahead for an outside authority. */
export const noticeDays = [90, 30, 7, 0] as const;
export type NoticeDays = (typeof noticeDays)[number];

const day = 86_400_000;

export interface WatchedCertificate {
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  /** What it is, for a sentence: `CallManager identity (RSA) (CN=cm)`. */
  readonly what: string;
  /** The device whose it is, if it is one's. */
  readonly device?: string;
  /** Epoch milliseconds. */
  readonly notAfter: number;
  /** What renews it. */
  readonly nextStep: string;
}

export interface ExpiryNotice {
  readonly certificate: WatchedCertificate;
  readonly days: NoticeDays;
  /** `The LSC of SEP… expires on 2027-01-01 12:00 UTC, in 29 days.` */
  readonly cause: string;
}

/** How the notices that were given are remembered. */
export function noticeKey(fingerprint: string, days: number): string {
  return `${fingerprint}:${days}`;
}

/**
 * The notices that are due and were not given yet.
 *
 * @param given `noticeKey` of each that was
 * @param now epoch milliseconds
 */
export function dueNotices(
  certificates: readonly WatchedCertificate[],
  given: ReadonlySet<string>,
  now: number,
): readonly ExpiryNotice[] {
  return certificates.flatMap((certificate) => {
    const left = certificate.notAfter - now;
    const days = noticeDays.findLast((one) => left <= one * day);
    if (days === undefined || given.has(noticeKey(certificate.fingerprint, days))) return [];
    return [{ certificate, days, cause: causeOf(certificate, left) }];
  });
}

function causeOf({ what, notAfter }: WatchedCertificate, left: number): string {
  const when = new Date(notAfter).toISOString().slice(0, 16).replace('T', ' ');
  if (left <= 0) return `${what} expired on ${when} UTC.`;
  const days = Math.floor(left / day);
  const soon = days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`;
  return `${what} expires on ${when} UTC, ${soon}.`;
}
