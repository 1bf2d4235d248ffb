import { hexadecimal } from '@trustline/base';
import type { ClientTransactionId, SipFlow, SipRequest, SipResponse, SipUserAgent } from '@trustline/sip';
import { addressOf } from '../legs/sip/authority.ts';

export interface TrunkProbesPorts {
  readonly userAgent: Pick<SipUserAgent, 'sendRequest'>;
  readonly random: (length: number) => Uint8Array;
  /** The host of our SIP identity. */
  readonly realm: string;
  /** Our Contact on a flow. */
  contact(flow: SipFlow): string;
  /** The connections of a device. */
  flowsOf(device: string): readonly SipFlow[];
  /** Whether it takes calls again, by what came back. */
  probed(device: string, isThere: boolean): void;
}

/** Answers to an OPTIONS that an INVITE would get too (RFC 3261 §11.2) and that say: not now, or not here. */
const notThere: ReadonlySet<number> = new Set([408, 500, 502, 503, 504]);

/**
 * Asks trunks that are set aside whether they take calls: an OPTIONS down each of their connections (RFC 3261 §11). Whatever
 * is answered by somebody who could refuse a call as well is a sign of life, a challenge and 404 among it.
 */
export class TrunkProbes {
  readonly #ports: TrunkProbesPorts;
  readonly #deviceOf = new Map<ClientTransactionId, string>();

  constructor(ports: TrunkProbesPorts) {
    this.#ports = ports;
  }

  probe(now: number, device: string): void {
    const flows = this.#ports.flowsOf(device);
    for (const flow of flows) {
      this.#deviceOf.set(this.#ports.userAgent.sendRequest(now, flow, this.#options(flow)), device);
    }
    if (flows.length === 0) this.#ports.probed(device, false);
  }

  /** False where the response is to no request of ours. */
  handleResponse(transaction: ClientTransactionId, { status }: SipResponse): boolean {
    const device = this.#deviceOf.get(transaction);
    if (device === undefined) return false;
    if (status < 200) return true;
    this.#deviceOf.delete(transaction);
    if (!notThere.has(status)) this.#ports.probed(device, true);
    else this.#failed(device);
    return true;
  }

  handleFailure(transaction: ClientTransactionId): boolean {
    const device = this.#deviceOf.get(transaction);
    if (device === undefined) return false;
    this.#deviceOf.delete(transaction);
    this.#failed(device);
    return true;
  }

  /** Another of its connections may still answer. */
  #failed(device: string): void {
    if (![...this.#deviceOf.values()].includes(device)) this.#ports.probed(device, false);
  }

  #options(flow: SipFlow): SipRequest {
    const { random, realm, contact } = this.#ports;
    const uri = `sip:${addressOf(flow)}`;
    return {
      kind: 'request',
      method: 'OPTIONS',
      uri,
      headers: [
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `<sip:${realm}>;tag=${hexadecimal(random(8))}` },
        { name: 'To', value: `<${uri}>` },
        { name: 'Call-ID', value: hexadecimal(random(16)) },
        { name: 'CSeq', value: '1 OPTIONS' },
        { name: 'Contact', value: contact(flow) },
        { name: 'Accept', value: 'application/sdp' },
      ],
      body: new Uint8Array(0),
    };
  }
}
