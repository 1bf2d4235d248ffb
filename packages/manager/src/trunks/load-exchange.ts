import {
  overloadFeedback,
  type SipFlow,
  type SipMessage,
  withOverloadFeedback,
  withOverloadSupport,
} from '@trustline/sip';
import { DownstreamLoad } from './downstream-load.ts';

export interface LoadExchangePorts {
  /** Whether a trunk or gateway is at the other end of a flow. */
  isTrunk(flow: SipFlow): boolean;
  /** Of a hundred requests so many are turned away here. */
  loss(): number;
  /** Milliseconds that what we say of our load holds. */
  readonly validity: number;
  /** Epoch milliseconds. */
  wallTime(now: number): number;
}

/** What is said of load (RFC 7339): ours to who obeys it; to trunks that we obey theirs, and what they say of it. */
export class LoadExchange {
  readonly #ports: LoadExchangePorts;
  readonly #downstream = new DownstreamLoad();

  constructor(ports: LoadExchangePorts) {
    this.#ports = ports;
  }

  /** A message as it goes out. */
  said(now: number, flow: SipFlow, message: SipMessage): SipMessage {
    const { isTrunk, loss, validity, wallTime } = this.#ports;
    if (message.kind === 'request') return isTrunk(flow) ? withOverloadSupport(message) : message;
    return withOverloadFeedback(message, () => ({ loss: loss(), validity, sequence: wallTime(now) / 1_000 }));
  }

  heard(now: number, flow: SipFlow, message: SipMessage): void {
    const feedback = message.kind === 'response' && this.#ports.isTrunk(flow) ? overloadFeedback(message) : undefined;
    if (feedback !== undefined) this.#downstream.heard(now, flow.id, feedback);
  }

  /** Whether one more call may be sent there; calls for help are not asked about. */
  takes(now: number, flowId: string): boolean {
    return this.#downstream.takes(now, flowId);
  }

  closed(flowId: string): void {
    this.#downstream.closed(flowId);
  }
}
