import type { ClientTransactionId } from '../endpoint/outputs.ts';
import type { SipRequest } from '../message/types.ts';

interface SentAck {
  readonly transaction: ClientTransactionId;
  readonly remoteTag: string;
  readonly ack: SipRequest;
  readonly forgetAt: number;
}

/**
 * The ACKs sent for 2xx responses, kept because "the ACK MUST be passed to the transport every time a
 * retransmission of the 2xx final response that triggered the ACK arrives" (RFC 3261 §13.2.2.4).
 */
export class SentAcks {
  readonly #sent: SentAck[] = [];

  get isEmpty(): boolean {
    return this.#sent.length === 0;
  }

  remember(ack: SentAck): void {
    this.#sent.push(ack);
  }

  /** The ACK that this 2xx has already been given. */
  find(transaction: ClientTransactionId, remoteTag: string): SipRequest | undefined {
    return this.#sent.find((sent) => sent.transaction === transaction && sent.remoteTag === remoteTag)?.ack;
  }

  has(transaction: ClientTransactionId): boolean {
    return this.#sent.some((sent) => sent.transaction === transaction);
  }

  /** Forgets what no 2xx can ask for any more, and returns the transactions it was for. */
  expire(now: number): readonly ClientTransactionId[] {
    const expired = this.#sent.filter(({ forgetAt }) => forgetAt <= now).map(({ transaction }) => transaction);
    const kept = this.#sent.filter(({ forgetAt }) => forgetAt > now);
    this.#sent.splice(0, this.#sent.length, ...kept);
    return expired.filter((transaction) => !this.has(transaction));
  }

  nextDeadline(): number | undefined {
    let earliest: number | undefined;
    for (const { forgetAt } of this.#sent) if (earliest === undefined || forgetAt < earliest) earliest = forgetAt;
    return earliest;
  }
}
