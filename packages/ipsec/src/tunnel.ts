import { Deadlines } from '@trustline/base';
import { encryptsAndAuthenticates, type IkeAssociation, weakAlgorithms } from './association.ts';
import type { ProtectedPeer } from './proof.ts';

/** Milliseconds. */
export const tunnelTimes = {
  /** Between two looks where no event came: events are hints, and a daemon that was killed sends none. */
  look: 5_000,
  /** Before the next look, where the daemon did not show an association that was there. */
  lookAgain: 50,
  firstRetry: 1_000,
  longestRetry: 30_000,
  initiation: 8_000,
} as const;

/** Looks without its IKE association after which a tunnel that was up is down: the daemon leaves out what it works on. */
const MAX_UNSEEN = 4;

export type TunnelEvent =
  | {
      readonly kind: 'ipsec-up';
      readonly connection: string;
      readonly remoteIdentity: string;
      readonly encryption: string;
      /** Names of algorithms that are weak by RFC 8247 and RFC 8221; empty where none is. */
      readonly weak: readonly string[];
    }
  /** New keys took the place of the old ones, without a gap. */
  | { readonly kind: 'ipsec-rekeyed'; readonly connection: string; readonly encryption: string }
  | { readonly kind: 'ipsec-down'; readonly connection: string; readonly reason: string }
  | { readonly kind: 'ipsec-failed'; readonly connection: string; readonly reason: string; readonly retryIn: number };

export type TunnelOutput =
  | { readonly kind: 'initiate'; readonly connection: string; readonly timeout: number }
  /** Read the associations and give them to `observe`. */
  | { readonly kind: 'look' }
  | { readonly kind: 'event'; readonly event: TunnelEvent };

export type TunnelState = 'stopped' | 'waiting' | 'initiating' | 'up';

export interface TunnelOptions {
  /** [0, 1). */
  readonly random: () => number;
  /** False at the end that waits to be called; true unless given. */
  readonly initiates?: boolean;
}

/**
 * Keeps one tunnel up. The daemon is told to try once; trying again is decided here, after 1 s, 2 s, … 30 s, each made
 * up to a fifth shorter at random so that many gateways do not come back at one moment. It never gives up. What counts as
 * up is what `list-sas` shows: IKE alone protects nothing.
 */
export class Tunnel {
  readonly #peer: ProtectedPeer;
  readonly #random: () => number;
  readonly #initiates: boolean;
  readonly #deadlines = new Deadlines<'look' | 'initiate'>();
  readonly #outputs: TunnelOutput[] = [];
  #state: TunnelState = 'stopped';
  #failures = 0;
  #since: number | undefined;
  /** Looks one after the other in which its IKE association was not shown. */
  #unseen = 0;
  /** The outgoing SPI of the child that was last seen. */
  #spi = '';

  constructor(peer: ProtectedPeer, { random, initiates = true }: TunnelOptions) {
    this.#peer = peer;
    this.#random = random;
    this.#initiates = initiates;
  }

  get state(): TunnelState {
    return this.#state;
  }

  /** Since when it is up, in the time that was passed in. */
  get upSince(): number | undefined {
    return this.#state === 'up' ? this.#since : undefined;
  }

  /** The daemon is there and has the connection. */
  start(now: number): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'waiting';
    this.#look(now);
  }

  /** The daemon is gone: what it protected is not known any more, and counts as gone with it. */
  daemonLost(now: number): void {
    if (this.#state === 'up') this.#tellDown('the connection to the IKE daemon is gone');
    this.#state = 'stopped';
    this.#since = now;
    this.#deadlines.clearAll();
  }

  /** An event of the daemon named this connection. */
  hint(now: number): void {
    if (this.#state !== 'stopped') this.#look(now);
  }

  /** How an initiation ended. That it succeeded is only believed when it is seen. */
  initiated(now: number, failure: string | undefined): void {
    if (this.#state !== 'initiating') return;
    if (failure === undefined) {
      this.#look(now);
      return;
    }
    this.#retry(now, failure);
  }

  /** What the daemon shows; `undefined` where it cannot be read. */
  observe(now: number, associations: readonly IkeAssociation[] | undefined): void {
    if (this.#state === 'stopped') return;
    this.#deadlines.set('look', now + tunnelTimes.look);
    const found = this.#installed(associations ?? []);
    if (found !== undefined) {
      this.#unseen = 0;
      if (this.#state !== 'up') this.#becomeUp(now, found);
      else if (found.spi !== this.#spi) this.#becomeRekeyed(found);
      return;
    }
    if (this.#state === 'up') {
      if (associations !== undefined && this.#mayBeBusy(associations)) {
        this.#unseen += 1;
        this.#deadlines.set('look', now + tunnelTimes.lookAgain);
        return;
      }
      this.#unseen = 0;
      this.#tellDown(
        associations === undefined ? 'the IKE daemon cannot be read' : 'no child association is installed',
      );
      this.#state = 'waiting';
      this.#since = now;
    }
    if (this.#initiates && this.#state === 'waiting' && !this.#deadlines.has('initiate'))
      this.#deadlines.set('initiate', now);
  }

  timeout(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      if (due === 'look') this.#look(now);
      else if (this.#state === 'waiting') this.#initiate(now);
      // The daemon is asked with a time of its own; this is for the answer that never came.
      else if (this.#state === 'initiating') this.#retry(now, 'the IKE daemon did not say how it went');
    }
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  poll(): TunnelOutput | undefined {
    return this.#outputs.shift();
  }

  /**
   * `list-sas` that does not block leaves out an IKE association that the daemon is working on, for some milliseconds while
   * it has new keys made or answers the far end.
   */
  #mayBeBusy(associations: readonly IkeAssociation[]): boolean {
    const isShown = associations.some(({ connection }) => connection === this.#peer.connection);
    return !isShown && this.#unseen + 1 < MAX_UNSEEN;
  }

  #look(now: number): void {
    this.#deadlines.set('look', now + tunnelTimes.look);
    this.#outputs.push({ kind: 'look' });
  }

  #initiate(now: number): void {
    this.#state = 'initiating';
    this.#deadlines.set('initiate', now + 2 * tunnelTimes.initiation);
    this.#outputs.push({ kind: 'initiate', connection: this.#peer.connection, timeout: tunnelTimes.initiation });
  }

  #retry(now: number, reason: string): void {
    const whole = Math.min(tunnelTimes.longestRetry, tunnelTimes.firstRetry * 2 ** this.#failures);
    const retryIn = Math.round(whole * (1 - this.#random() / 5));
    this.#failures += 1;
    this.#state = 'waiting';
    this.#deadlines.set('initiate', now + retryIn);
    this.#tell({ kind: 'ipsec-failed', connection: this.#peer.connection, reason, retryIn });
  }

  #becomeRekeyed({ spi, encryption }: Installed): void {
    this.#spi = spi;
    this.#tell({ kind: 'ipsec-rekeyed', connection: this.#peer.connection, encryption });
  }

  #becomeUp(now: number, { ike, weak, encryption, spi }: Installed): void {
    this.#state = 'up';
    this.#spi = spi;
    this.#since = now;
    this.#failures = 0;
    this.#deadlines.clear('initiate');
    const { connection } = this.#peer;
    this.#tell({ kind: 'ipsec-up', connection, remoteIdentity: ike.remoteId, encryption, weak });
  }

  #tellDown(reason: string): void {
    this.#tell({ kind: 'ipsec-down', connection: this.#peer.connection, reason });
  }

  #tell(event: TunnelEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #installed(associations: readonly IkeAssociation[]): Installed | undefined {
    const { connection, remoteIdentity, mode } = this.#peer;
    for (const ike of associations) {
      if (ike.connection !== connection || ike.state !== 'ESTABLISHED' || ike.remoteId !== remoteIdentity) continue;
      // The newest is the last: while one is replaced there may be two.
      const usable = ike.children.filter((one) => one.mode.toLowerCase() === mode && encryptsAndAuthenticates(one));
      // One whose successor is being made protects until that is there.
      const child =
        usable.findLast(({ state }) => state === 'INSTALLED') ?? usable.findLast(({ state }) => state === 'REKEYING');
      if (child === undefined) continue;
      const { encryption, keyBits } = child.algorithms;
      const weak = [...new Set([...weakAlgorithms(ike.algorithms), ...weakAlgorithms(child.algorithms)])];
      const algorithm = keyBits === undefined ? `${encryption}` : `${encryption}-${keyBits}`;
      return { ike, weak, encryption: algorithm, spi: child.spiOut };
    }
    return undefined;
  }
}

interface Installed {
  readonly ike: IkeAssociation;
  readonly weak: readonly string[];
  readonly encryption: string;
  readonly spi: string;
}
