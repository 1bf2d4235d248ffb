import { defaultTftpLimits, type TftpLimits } from './limits.ts';
import type { TftpPeer } from './transfer.ts';

/** What becomes of a request. */
export type TftpAdmissionAnswer =
  | 'admitted'
  /** The transfer that it asks for runs already: a copy, or a retransmission whose answer is under way. */
  | 'repeated'
  /** Too many transfers, in all or to this address. */
  | 'full';

/** Which transfers run, so that their number stays within its limits and a repeated request begins no second one. */
export class TftpAdmission {
  readonly #limits: TftpLimits;
  readonly #running = new Set<string>();
  readonly #perAddress = new Map<string, number>();

  constructor(limits: TftpLimits = defaultTftpLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Every `admitted` needs its `release`. */
  admit(peer: TftpPeer): TftpAdmissionAnswer {
    const key = keyOf(peer);
    if (this.#running.has(key)) return 'repeated';
    const ofAddress = this.#perAddress.get(peer.address) ?? 0;
    if (this.#running.size >= this.#limits.transfers || ofAddress >= this.#limits.transfersPerAddress) return 'full';
    this.#running.add(key);
    this.#perAddress.set(peer.address, ofAddress + 1);
    return 'admitted';
  }

  release(peer: TftpPeer): void {
    if (!this.#running.delete(keyOf(peer))) return;
    const left = (this.#perAddress.get(peer.address) ?? 0) - 1;
    if (left > 0) this.#perAddress.set(peer.address, left);
    else this.#perAddress.delete(peer.address);
  }
}

function keyOf({ address, port }: TftpPeer): string {
  return `${address} ${port}`;
}
