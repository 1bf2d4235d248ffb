import type { OverloadFeedback } from '@trustline/sip';

interface Load extends OverloadFeedback {
  /** Monotonic milliseconds. */
  readonly until: number;
  /** What of one call is to be kept back by now, in hundredths. */
  readonly owed: number;
}

/**
 * What those that calls go to have said of their load: of the calls for them a share is not sent, so that they have time for
 * the rest (RFC 7339 §5.9, §6.3). Pure; by connection.
 */
export class DownstreamLoad {
  readonly #loads = new Map<string, Load>();

  heard(now: number, flowId: string, feedback: OverloadFeedback): void {
    const known = this.#loads.get(flowId);
    // An answer that was overtaken by a later one says nothing any more (RFC 7339 §4.4).
    if (known !== undefined && feedback.sequence < known.sequence) return;
    this.#loads.set(flowId, { ...feedback, until: now + feedback.validity, owed: known?.owed ?? 0 });
  }

  /** Whether one more call may be sent there; calls for help are not asked about. */
  takes(now: number, flowId: string): boolean {
    const load = this.#loads.get(flowId);
    if (load === undefined || now >= load.until) return true;
    const owed = load.owed + load.loss;
    this.#loads.set(flowId, { ...load, owed: owed % 100 });
    return owed < 100;
  }

  closed(flowId: string): void {
    this.#loads.delete(flowId);
  }
}
