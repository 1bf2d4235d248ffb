import { withHeader } from '../message/headers.ts';
import { RELIABLE, type ResponseAcknowledged } from '../message/reliable.ts';
import type { SipResponse } from '../message/types.ts';
import type { TransactionTimers } from '../transaction/timers.ts';

interface Unacknowledged {
  readonly number: number;
  readonly response: SipResponse;
  readonly interval: number;
  /** Undefined once a final response has gone: it is repeated no more, and its PRACK is still known. */
  readonly repeatAt: number | undefined;
  readonly giveUpAt: number;
}

/**
 * The reliable provisional responses to one INVITE (RFC 3262 §3), one on its way at a time: "the UAS MUST NOT send a
 * second reliable provisional response until the first is acknowledged".
 */
export class ReliableProvisionals {
  readonly #sequence: number;
  readonly #timers: TransactionTimers;
  readonly #waiting: SipResponse[] = [];
  #nextNumber: number;
  #unacknowledged: Unacknowledged | undefined;
  #descriptionSent = false;
  #descriptionAcknowledged = false;

  /** @param sequence the CSeq of the INVITE */
  constructor(sequence: number, firstNumber: number, timers: TransactionTimers) {
    this.#sequence = sequence;
    this.#nextNumber = firstNumber;
    this.#timers = timers;
  }

  /** A description has gone in one of them: the answer, or our offer; no later response has another. */
  get descriptionSent(): boolean {
    return this.#descriptionSent;
  }

  /** "The UAS MUST NOT send a 2xx before [a reliable provisional response with a description] is acknowledged" (§3). */
  get holdsAcceptance(): boolean {
    return this.#descriptionSent && !this.#descriptionAcknowledged;
  }

  get descriptionAcknowledged(): boolean {
    return this.#descriptionAcknowledged;
  }

  /** Takes the next response. What comes back is to be sent now; undefined: it waits for the one before. */
  send(now: number, response: SipResponse): SipResponse | undefined {
    if (response.body.length > 0) this.#descriptionSent = true;
    if (this.#unacknowledged !== undefined) {
      this.#waiting.push(response);
      return undefined;
    }
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    const numbered = withHeader(withHeader(response, 'Require', RELIABLE), 'RSeq', String(number));
    const { t1 } = this.#timers;
    this.#unacknowledged = { number, response: numbered, interval: t1, repeatAt: now + t1, giveUpAt: now + 64 * t1 };
    return numbered;
  }

  /** Takes a PRACK; false if it acknowledges nothing that waits for it. `next` is to be sent now; `described` says of what it acknowledges. */
  acknowledge(
    now: number,
    { responseNumber, sequence, method }: ResponseAcknowledged,
  ): { readonly matches: boolean; readonly described?: boolean; readonly next?: SipResponse | undefined } {
    const acknowledged = this.#unacknowledged;
    if (acknowledged?.number !== responseNumber || sequence !== this.#sequence || method !== 'INVITE') {
      return { matches: false };
    }
    this.#unacknowledged = undefined;
    const described = acknowledged.response.body.length > 0;
    if (described) this.#descriptionAcknowledged = true;
    const following = acknowledged.repeatAt === undefined ? undefined : this.#waiting.shift();
    return { matches: true, described, next: following && this.send(now, following) };
  }

  /** A final response has gone: the UAS "SHOULD NOT continue to retransmit the unacknowledged provisional responses" (§3). */
  stop(): void {
    this.#waiting.length = 0;
    if (this.#unacknowledged !== undefined) this.#unacknowledged = { ...this.#unacknowledged, repeatAt: undefined };
  }

  nextDeadline(): number | undefined {
    const { repeatAt, giveUpAt } = this.#unacknowledged ?? {};
    return repeatAt === undefined || giveUpAt === undefined ? undefined : Math.min(repeatAt, giveUpAt);
  }

  /** The response to send again, or that no PRACK came for 64*T1. */
  handleTime(now: number): SipResponse | 'unacknowledged' | undefined {
    const sent = this.#unacknowledged;
    if (sent?.repeatAt === undefined) return undefined;
    if (now >= sent.giveUpAt) {
      this.stop();
      return 'unacknowledged';
    }
    if (now < sent.repeatAt) return undefined;
    // "[It] is retransmitted with an interval that starts at T1 seconds and doubles for each retransmission" (§3).
    const interval = 2 * sent.interval;
    this.#unacknowledged = { ...sent, interval, repeatAt: now + interval };
    return sent.response;
  }
}
