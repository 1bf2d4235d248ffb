import { compareAddresses, type MediaAddress } from '../h245/audio-format.ts';

/** Who opened a connection of H.245: we, or the peer. */
export type ControlConnection = 'outgoing' | 'incoming';

export type ControlInstruction =
  | { readonly kind: 'connect-h245'; readonly address: MediaAddress }
  | { readonly kind: 'close-h245'; readonly connection: ControlConnection };

/**
 * Which connection carries H.245 where it is not tunnelled (H.323 §8.2): the first address that is told is connected to by
 * the other side. If both connect, the side whose address is the smaller closes the connection that it opened; both send on
 * the other one from then on, and what came by the first is still read.
 */
export class ControlChannel {
  readonly #own: MediaAddress | undefined;
  #peer: MediaAddress | undefined;
  #asked = false;
  readonly #open = new Set<ControlConnection>();

  /** `own` is where we listen, if we do. */
  constructor(own: MediaAddress | undefined) {
    this.#own = own;
  }

  get address(): MediaAddress | undefined {
    return this.#own;
  }

  get announced(): boolean {
    return this.#peer !== undefined;
  }

  /** The connection to send on, if there is one. */
  get current(): ControlConnection | undefined {
    if (!this.#glare())
      return this.#open.has('outgoing') ? 'outgoing' : this.#open.has('incoming') ? 'incoming' : undefined;
    return this.#ownIsSmaller() ? 'incoming' : 'outgoing';
  }

  /** The peer told where it listens. */
  learn(peer: MediaAddress): ControlInstruction | undefined {
    this.#peer = peer;
    if (this.#asked || this.#open.size > 0) return undefined;
    this.#asked = true;
    return { kind: 'connect-h245', address: peer };
  }

  opened(connection: ControlConnection): ControlInstruction | undefined {
    if (this.#open.has(connection)) return undefined;
    this.#open.add(connection);
    return this.#glare() && this.#ownIsSmaller() ? { kind: 'close-h245', connection: 'outgoing' } : undefined;
  }

  closed(connection: ControlConnection): void {
    this.#open.delete(connection);
  }

  /** Everything that is open, to be closed. */
  closeAll(): ControlInstruction[] {
    const all = [...this.#open].map((connection) => ({ kind: 'close-h245', connection }) as const);
    this.#open.clear();
    return all;
  }

  #glare(): boolean {
    return this.#open.size === 2;
  }

  #ownIsSmaller(): boolean {
    return this.#own !== undefined && this.#peer !== undefined && compareAddresses(this.#own, this.#peer) < 0;
  }
}
