import { type MediaPorts, openMediaPorts } from '@trustline/rtp/node';

/** Pairs of ports that wait for calls, so that one that comes has its own at once. */
const READY = 4;

/** Ports of RTP and RTCP at one address, opened ahead of the calls that will want them. */
export class MediaPortPool {
  readonly #address: string;
  readonly #free: MediaPorts[] = [];
  #opening = 0;
  #closed = false;

  constructor(address: string) {
    this.#address = address;
  }

  /** @throws {TrustlineError} rtp.no-ports, rtp.no-address */
  async prepare(): Promise<void> {
    this.#free.push(await openMediaPorts(this.#address));
    this.#refill();
  }

  /** A pair, which is the taker's to close; undefined while none is open. */
  take(): MediaPorts | undefined {
    const ports = this.#free.shift();
    this.#refill();
    return ports;
  }

  close(): void {
    this.#closed = true;
    for (const { rtp, rtcp } of this.#free.splice(0)) {
      rtp.close();
      rtcp.close();
    }
  }

  #refill(): void {
    while (!this.#closed && this.#free.length + this.#opening < READY) {
      this.#opening += 1;
      openMediaPorts(this.#address)
        .then((ports) => {
          this.#free.push(ports);
          if (this.#closed) this.close();
        })
        // There are none now: the next call that wants some tries again, or is refused.
        .catch(() => {})
        .finally(() => {
          this.#opening -= 1;
        });
    }
  }
}
