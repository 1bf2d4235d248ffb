import type { Certificate } from '../certificate.ts';
import { describeWhen } from '../describe-time.ts';
import type { Revocation } from '../trust-source.ts';
import type { OcspAnswer } from './ocsp-response.ts';
import { plainSerial, type RevocationList } from './revocation-list.ts';

const DAY = 86_400_000;

/** How long a list holds that promises no next one, against RFC 5280 §5.1.2.5. */
const UNPROMISED_VALIDITY = 7 * DAY;

/**
 * What becomes of certificates about which nothing current can be had from their authority: `refuse` takes them for
 * revoked until something can, `warn` believes them and says so in events.
 */
export type StaleRevocationPolicy = 'refuse' | 'warn';

/** Everything that outside authorities said about what they have revoked, as plain data. */
export interface OutsideRevocationState {
  /** Lists that `checkRevocationList` let pass. */
  readonly lists: readonly RevocationList[];
  /** Answers that `judgeOcspResponse` let pass. */
  readonly answers: readonly OcspAnswer[];
  /** Fingerprints of the certificates whose responder is asked. */
  readonly asked: readonly string[];
  readonly stale: StaleRevocationPolicy;
}

export const nothingFromOutside: OutsideRevocationState = { lists: [], answers: [], asked: [], stale: 'warn' };

/** Answers from memory; others see to it that memory is fresh. */
export class OutsideRevocation {
  readonly #lists = new Map<string, RevocationList[]>();
  readonly #answers: ReadonlyMap<string, OcspAnswer>;
  readonly #asked: ReadonlySet<string>;
  readonly policy: StaleRevocationPolicy;

  constructor({ lists, answers, asked, stale }: OutsideRevocationState) {
    for (const list of lists) this.#lists.set(list.issuerHash, [...(this.#lists.get(list.issuerHash) ?? []), list]);
    this.#answers = new Map(answers.map((answer) => [answer.fingerprint, answer]));
    this.#asked = new Set(asked);
    this.policy = stale;
  }

  /** What is revoked stays revoked, however old the list or the answer that says so. */
  revocationOf({ issuerHash, serialNumber, fingerprint }: Certificate): Revocation | undefined {
    for (const list of this.#lists.get(issuerHash) ?? []) {
      const entry = list.entries.get(plainSerial(serialNumber));
      if (entry !== undefined) return { at: entry.at, reason: `by its authority's list (${entry.reason})` };
    }
    const revoked = this.#answers.get(fingerprint)?.revoked;
    return revoked && { at: revoked.at, reason: `by its authority's responder (${revoked.reason})` };
  }

  /**
   * Why nothing current is known about a certificate whose authority does publish what it revokes; undefined when
   * something is, or nothing is expected. One source suffices: a current list or a current answer.
   *
   * @param now epoch milliseconds
   */
  staleReasonOf(certificate: Certificate, now: number): string | undefined {
    const { issuerHash, authorityKeyIdentifier, fingerprint } = certificate;
    const ofIssuer = this.#lists.get(issuerHash) ?? [];
    const ofKey = ofIssuer.filter((list) => list.authorityKeyIdentifier === authorityKeyIdentifier);
    const ends = (ofKey.length > 0 ? ofKey : ofIssuer).map(endOfList);
    const isAsked = this.#asked.has(fingerprint);
    const answer = this.#answers.get(fingerprint);
    if (ends.length === 0 && !isAsked) return undefined;
    if (ends.some((end) => now <= end) || (isAsked && answer !== undefined && now <= answer.until)) return undefined;
    const reasons = [
      ...(ends.length === 0 ? [] : [`the list of ${certificate.issuer} ended ${describeWhen(Math.max(...ends), now)}`]),
      ...(!isAsked
        ? []
        : answer === undefined
          ? ['no responder of its authority has answered']
          : [`the last answer of its authority ended ${describeWhen(answer.until, now)}`]),
    ];
    return `whether it is revoked is not known: ${reasons.join('; ')}`;
  }
}

/** Until when a list is current, epoch milliseconds. */
export function endOfList({ thisUpdate, nextUpdate }: RevocationList): number {
  return nextUpdate ?? thisUpdate + UNPROMISED_VALIDITY;
}
