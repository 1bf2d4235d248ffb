import type { PrimaryRateLine } from './call-control/bearer-channels.ts';
import { NetworkLayer, type NetworkLayerOptions, type NetworkLayerOutput } from './call-control/network-layer.ts';
import { DataLink, type LinkError } from './link/link.ts';

export type AccessOutput =
  /** A frame for the D channel, without flags and check sequence. */
  | { readonly kind: 'frame'; readonly octets: Uint8Array }
  | Extract<NetworkLayerOutput, { kind: 'call' | 'service' | 'channel' }>;

export interface AccessCounters {
  /** What the data link told management (MDL-ERROR), by its letter. */
  readonly linkErrors: Readonly<Partial<Record<LinkError, number>>>;
  readonly ignoredMessages: number;
  readonly ignoredElements: number;
  /** Messages that the data link could not take: it was down. */
  readonly lostMessages: number;
}

/**
 * A primary rate access (I.431) without its layer 1: the data link of Q.921 and the call control of Q.931 above it, one
 * side. Frames of the D channel go in and out; B channels are `PrimaryRatePort`'s.
 */
export class PrimaryRateAccess {
  readonly line: PrimaryRateLine;
  readonly layer: NetworkLayer;
  readonly #link: DataLink;
  readonly #outputs: AccessOutput[] = [];
  readonly #linkErrors: Partial<Record<LinkError, number>> = {};
  #lostMessages = 0;

  constructor(options: NetworkLayerOptions) {
    this.line = options.line;
    this.layer = new NetworkLayer(options);
    this.#link = new DataLink(options.side);
  }

  get counters(): AccessCounters {
    const { ignoredMessages, ignoredElements } = this.layer;
    return { linkErrors: this.#linkErrors, ignoredMessages, ignoredElements, lostMessages: this.#lostMessages };
  }

  /** Layer 1 is up: the data link is to be established, and again whenever it is lost. */
  start(now: number): void {
    this.#link.establish(now);
    this.#pump(now);
  }

  /** A frame of the D channel, without flags and check sequence; those whose check sequence was wrong never come here. */
  receiveFrame(now: number, octets: Uint8Array): void {
    this.#link.receive(now, octets);
    this.#pump(now);
  }

  handleTime(now: number): void {
    this.#link.timeout(now);
    this.layer.handleTime(now);
    this.#pump(now);
  }

  nextDeadline(): number | undefined {
    const dues = [this.#link.nextDeadline(), this.layer.nextDeadline()].filter((due) => due !== undefined);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  /** What there is to send and to tell; `now` is that of the commands to calls since. */
  poll(now: number): AccessOutput | undefined {
    this.#pump(now);
    return this.#outputs.shift();
  }

  /** Carries what the two layers have for each other until neither has more. */
  #pump(now: number): void {
    for (;;) {
      const fromLink = this.#link.poll();
      if (fromLink !== undefined) {
        switch (fromLink.kind) {
          case 'transmit':
            this.#outputs.push({ kind: 'frame', octets: fromLink.octets });
            break;
          case 'established':
            this.layer.linkEstablished(now);
            break;
          case 'released':
            this.layer.linkReleased(now);
            break;
          case 'data':
            this.layer.receive(now, fromLink.information);
            break;
          case 'error':
            this.#linkErrors[fromLink.error] = (this.#linkErrors[fromLink.error] ?? 0) + 1;
            break;
        }
        continue;
      }
      const fromLayer = this.layer.poll(now);
      if (fromLayer === undefined) return;
      if (fromLayer.kind === 'transmit') {
        if (!this.#link.data(now, fromLayer.octets)) this.#lostMessages += 1;
      } else if (fromLayer.kind === 'establish') this.#link.establish(now);
      else this.#outputs.push(fromLayer);
    }
  }
}
