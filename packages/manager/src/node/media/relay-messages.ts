/** What the pool of media workers and a worker say to each other. */
import type { Sound } from '@trustline/rtp';
import type { DialledDigit, RelayNotice, SideCounts, SideId, SideSettings } from '../../media/settings.ts';

/** What a worker is started with. */
export interface RelayWorkerOptions {
  /** Its place among the workers, from 0 on, and how many there are: they share the ports out by it. */
  readonly worker: number;
  readonly workers: number;
  readonly host: string;
  readonly firstPort: number;
  readonly lastPort: number;
  /** What a held party hears; absent for nothing. */
  readonly hold?: Sound;
  /** What a caller hears whose call leaves protection; absent where nobody is told. */
  readonly announcement?: Sound;
}

export type ToRelayWorker =
  /** Bind that many pairs of ports more. */
  | { readonly kind: 'bind'; readonly pairs: number }
  | { readonly kind: 'set'; readonly settings: SideSettings }
  | { readonly kind: 'bridge'; readonly one: SideId; readonly other: SideId }
  | { readonly kind: 'dial'; readonly side: SideId; readonly digit: DialledDigit }
  /** Close a side and its ports, whether it was ever set or not. */
  | { readonly kind: 'close'; readonly side: SideId }
  | { readonly kind: 'count'; readonly request: number }
  | { readonly kind: 'stop' };

export type FromRelayWorker =
  /** A pair of ports is bound, and may be given to a side. */
  | { readonly kind: 'bound'; readonly side: SideId; readonly port: number }
  /** No pair of the range is free; so many that were asked for are not to be had. */
  | { readonly kind: 'exhausted'; readonly pairs: number; readonly why: string }
  | { readonly kind: 'notice'; readonly notice: RelayNotice }
  | { readonly kind: 'closed'; readonly side: SideId; readonly counts: SideCounts }
  | { readonly kind: 'counted'; readonly request: number; readonly counts: readonly (readonly [SideId, SideCounts])[] };
