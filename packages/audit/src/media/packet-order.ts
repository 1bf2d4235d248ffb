import type { PacketPlace } from '../traffic/place.ts';

/** Told packets in the order of their sequence numbers, each once. */
export interface OrderedPackets {
  /** `extended`: the sequence number, which goes on where 16 bits begin again. `octets` are valid during the call alone. */
  inOrder(octets: Uint8Array, extended: number, place: PacketPlace, isCut: boolean): void;
}

/** Packets that wait for one that is missing, at the most. */
const MOST_WAITING = 6;
/** Behind by so much a packet is late; beyond it the sender has begun anew (RFC 3550 A.1). */
const MAXIMUM_MISORDER = 100;

interface Waiting {
  readonly octets: Uint8Array;
  readonly extended: number;
  readonly place: PacketPlace;
  readonly isCut: boolean;
}

/**
 * Puts the packets of one SSRC in order. What is in order goes straight through; a few wait for one that is missing. What comes
 * again, or too late, is dropped.
 */
export class PacketOrder {
  readonly #sink: OrderedPackets;
  readonly #waiting: Waiting[] = [];
  #next: number | undefined;

  constructor(sink: OrderedPackets) {
    this.#sink = sink;
  }

  push(octets: Uint8Array, sequenceNumber: number, place: PacketPlace, isCut: boolean): void {
    // Room below the first, for those that were sent before it and come after it.
    this.#next ??= 0x10000 + sequenceNumber;
    const ahead = ((sequenceNumber - this.#next) << 16) >> 16;
    if (ahead === 0) {
      this.#next++;
      this.#sink.inOrder(octets, this.#next - 1, place, isCut);
      if (this.#waiting.length > 0) this.#release(false);
    } else if (ahead > 0 || ahead < -MAXIMUM_MISORDER) {
      if (ahead < 0) this.#beginAnew(sequenceNumber);
      this.#wait({ octets: octets.slice(), extended: this.#next + (ahead < 0 ? 0 : ahead), place, isCut });
      if (ahead < 0 || this.#waiting.length > MOST_WAITING) this.#release(true);
    }
  }

  /** A packet whose number says nothing: it comes after all that came, and does not count. */
  pass(octets: Uint8Array, place: PacketPlace, isCut: boolean): void {
    this.flush();
    this.#sink.inOrder(octets, (this.#next ?? 0x10000) - 1, place, isCut);
  }

  /** Nothing more comes: what waits is given on. */
  flush(): void {
    while (this.#waiting.length > 0) this.#release(true);
  }

  #beginAnew(sequenceNumber: number): void {
    this.flush();
    // The extended number goes on rising: what comes now comes after all before.
    const next = this.#next ?? 0;
    this.#next = next - (next & 0xffff) + 0x10000 + sequenceNumber;
  }

  #wait(packet: Waiting): void {
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > 0 && (waiting[at - 1] as Waiting).extended > packet.extended) at--;
    if (waiting[at - 1]?.extended !== packet.extended) waiting.splice(at, 0, packet);
  }

  /** Gives on what is next; where `skip` says so, what is missing before it is given up. */
  #release(skip: boolean): void {
    const waiting = this.#waiting;
    let skips = skip;
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      if (first.extended !== this.#next && !skips) return;
      skips = false;
      waiting.shift();
      this.#next = first.extended + 1;
      this.#sink.inOrder(first.octets, first.extended, first.place, first.isCut);
    }
  }
}
