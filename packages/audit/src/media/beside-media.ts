import type { PacketPlace } from '../traffic/place.ts';

/** Pairs of ports of which it is kept. */
const MOST_PAIRS = 20_000;
/** What keeps a way through a NAT open is no longer (RFC 6263 §4). */
const LONGEST_KEEP_ALIVE = 8;
/** Microseconds before and after a stream in which what goes between its ports is beside it. */
const BESIDE = 30_000_000;

/** Datagrams of no protocol that is known here. */
export interface Unexplained {
  readonly packets: number;
  readonly first: PacketPlace;
  readonly last: PacketPlace;
}

/** What goes between two ports, in either direction, and is explained by nothing: beside media it may say anything. */
export class UnexplainedBook {
  readonly #byPair = new Map<string, { packets: number; first: PacketPlace; last: PacketPlace }>();
  /** Datagrams between further ports. */
  notKept = 0;

  add(pair: string, octets: Uint8Array, place: PacketPlace): void {
    if (octets.byteLength <= LONGEST_KEEP_ALIVE || octets.every((octet) => octet === octets[0])) return;
    const known = this.#byPair.get(pair);
    if (known !== undefined) {
      known.packets++;
      known.last = place;
    } else if (this.#byPair.size < MOST_PAIRS) this.#byPair.set(pair, { packets: 1, first: place, last: place });
    else this.notKept++;
  }

  /** What was beside a stream that went on from `first` to `last`. */
  beside(pair: string, first: PacketPlace, last: PacketPlace): Unexplained | undefined {
    const known = this.#byPair.get(pair);
    if (known === undefined) return undefined;
    const isBeside =
      known.first.microseconds <= last.microseconds + BESIDE && known.last.microseconds >= first.microseconds - BESIDE;
    return isBeside ? known : undefined;
  }
}
