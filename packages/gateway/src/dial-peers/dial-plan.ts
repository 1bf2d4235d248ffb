import type { DestinationPattern } from '../numbers/destination-pattern.ts';
import type { Rewriting } from '../numbers/rewriting.ts';

/** Where a dial peer sends its calls, and where one comes from. */
export type Side =
  /** A call manager or gateway by H.323 (IOS: `voip`). */
  | { readonly kind: 'h323'; readonly name: string }
  /** A port of ours (IOS: `pots`). */
  | { readonly kind: 'port'; readonly name: string }
  /** A carrier by SIP. */
  | { readonly kind: 'trunk'; readonly name: string };

export interface DialPeer {
  readonly name: string;
  readonly pattern: DestinationPattern;
  readonly to: Side;
  /** Taken for calls that come from one of these only; from everywhere where there are none. */
  readonly from: readonly Side[];
  /** The smaller is tried first among peers whose pattern matches equally long. */
  readonly preference: number;
  readonly called: Rewriting;
  readonly calling: Rewriting;
  /** A call goes out as soon as the digits that the pattern names are there; more follow as they are dialled. */
  readonly overlap: boolean;
  /** What tells the caller that it rings, or failed: his own side, by what is signalled, or tones of ours in the audio. */
  readonly tones: 'signalled' | 'in-band';
}

export type Found =
  /** To be tried in this order. `isFinal`: no further digit could change what is found. */
  | { readonly kind: 'peers'; readonly peers: readonly [DialPeer, ...DialPeer[]]; readonly isFinal: boolean }
  /** The number may become one that has a peer. */
  | { readonly kind: 'more-digits' }
  | { readonly kind: 'none' };

/** The dial peers of a gateway: which of them a call is for. */
export class DialPlan {
  readonly #peers: readonly DialPeer[];

  /** In the order of the configuration, which decides where pattern and preference do not. */
  constructor(peers: readonly DialPeer[]) {
    this.#peers = peers;
  }

  /** What a number, so far as it is dialled, leads to for somebody who comes from `from`. */
  find(number: string, from: Side): Found {
    const allowed = this.#peers.filter((peer) => peer.from.length === 0 || peer.from.some((one) => isSame(one, from)));
    const matches = allowed.map((peer) => ({ peer, match: peer.pattern.match(number) }));
    const [first, ...others] = matches
      .filter(({ match }) => match === 'whole')
      .map(({ peer }) => peer)
      .toSorted(
        (a, b) =>
          b.pattern.explicitDigits - a.pattern.explicitDigits || a.preference - b.preference || lengthOrder(a, b),
      );
    const mayGrow = matches.some(
      ({ peer, match }) => match === 'beginning' || (match === 'whole' && peer.pattern.isOpen),
    );
    if (first === undefined) return { kind: mayGrow ? 'more-digits' : 'none' };
    return { kind: 'peers', peers: [first, ...others], isFinal: !mayGrow };
  }
}

/** Whether two name the same side. */
export function isSame(one: Side, other: Side): boolean {
  return one.kind === other.kind && one.name === other.name;
}

/** Of equal ones the closed pattern before the open one. */
function lengthOrder(a: DialPeer, b: DialPeer): number {
  return Number(a.pattern.isOpen) - Number(b.pattern.isOpen);
}
