import {
  type Dissection,
  type FlowKey,
  FlowTable,
  StreamBudget,
  TcpStream,
  type TransportAddress,
} from '@trustline/capture';
import type { PacketPlace } from './place.ts';

/** The two ends of a TCP connection. */
export interface ConnectionEnds {
  readonly client: TransportAddress;
  readonly server: TransportAddress;
  /** The capture has no SYN of it: who opened it is guessed by the ports, and its beginning may be missing. */
  readonly joinedLate: boolean;
}

export type ConnectionSide = 'client' | 'server';

/** Told what a connection carries, each side in order. Octets are valid during the call alone. */
export interface ConnectionObserver {
  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void;
  /** So many octets of a side are not in the capture. */
  gap(from: ConnectionSide, octets: number, place: PacketPlace): void;
  ended(from: ConnectionSide, place: PacketPlace): void;
}

const SYN = 2;
const ACK = 16;

/** Two ends, by their ports: one connection after the other. */
interface Pair {
  streams: readonly [TcpStream, TcpStream] | undefined;
  /** Where each direction began by its SYN, of the connection that goes on. */
  initial: [number | undefined, number | undefined];
}

interface Half {
  readonly key: FlowKey;
  readonly pair: Pair;
  readonly direction: 0 | 1;
}

/** Follows TCP connections: their two directions together, and one connection after the other between the same ports. */
export class Connections {
  readonly #open: (ends: ConnectionEnds, place: PacketPlace) => ConnectionObserver;
  readonly #budget = new StreamBudget();
  readonly #byText = new Map<string, Half>();
  readonly #halves: FlowTable<Half>;
  #place: PacketPlace = { number: 0, microseconds: 0 };

  constructor(open: (ends: ConnectionEnds, place: PacketPlace) => ConnectionObserver, limit: number) {
    this.#open = open;
    this.#halves = new FlowTable<Half>(
      (key) => this.#newHalf(key),
      limit,
      (half) => this.#forget(half),
    );
  }

  /** Directions that were given up for want of room. */
  get givenUp(): number {
    return this.#halves.givenUp;
  }

  segment(packet: Dissection, interfaceNumber: number, place: PacketPlace): void {
    this.#place = place;
    const half = this.#halves.find(packet, interfaceNumber);
    const { pair, direction } = half;
    const { sequence, acknowledgement, tcpFlags } = packet;
    if (pair.streams === undefined || isOfAnother(half, sequence, tcpFlags)) this.#begin(half, tcpFlags);
    if ((tcpFlags & SYN) !== 0) pair.initial[direction] ??= sequence;
    pair.streams?.[direction].segment(sequence, tcpFlags, packet.payload, packet.isCut ? 1 : 0);
    if ((tcpFlags & ACK) !== 0) pair.streams?.[direction === 0 ? 1 : 0].acknowledged(acknowledgement);
  }

  /** The capture is over. */
  end(place: PacketPlace): void {
    this.#place = place;
    for (const { pair } of this.#halves.flows()) endOf(pair);
  }

  #newHalf(key: FlowKey): Half {
    const other = this.#byText.get(textOf(key, true));
    const half: Half =
      other === undefined
        ? { key, pair: { streams: undefined, initial: [undefined, undefined] }, direction: 0 }
        : { key, pair: other.pair, direction: other.direction === 0 ? 1 : 0 };
    this.#byText.set(textOf(key, false), half);
    return half;
  }

  #forget({ key, pair }: Half): void {
    endOf(pair);
    this.#byText.delete(textOf(key, false));
  }

  #begin({ key: { source, destination }, pair, direction }: Half, tcpFlags: number): void {
    endOf(pair);
    const isSyn = (tcpFlags & SYN) !== 0;
    const fromClient = isSyn ? (tcpFlags & ACK) === 0 : source.port >= destination.port;
    const [client, server] = fromClient ? [source, destination] : [destination, source];
    const observer = this.#open({ client, server, joinedLate: !isSyn }, this.#place);
    const [own, other] = [
      this.#stream(observer, fromClient ? 'client' : 'server'),
      this.#stream(observer, fromClient ? 'server' : 'client'),
    ];
    pair.streams = direction === 0 ? [own, other] : [other, own];
    pair.initial = [undefined, undefined];
  }

  #stream(observer: ConnectionObserver, from: ConnectionSide): TcpStream {
    return new TcpStream(
      {
        data: (octets) => observer.data(from, octets, this.#place),
        gap: (octets) => observer.gap(from, octets, this.#place),
        ended: () => observer.ended(from, this.#place),
      },
      this.#budget,
    );
  }
}

/** A SYN that is not the one that began the connection: the ports are used again. */
function isOfAnother({ pair, direction }: Half, sequence: number, tcpFlags: number): boolean {
  if ((tcpFlags & SYN) === 0) return false;
  const initial = pair.initial[direction];
  if (initial !== undefined) return initial !== sequence;
  // A connection that was joined late, or one that a SYN of the other side began: an answer belongs to it.
  return (tcpFlags & ACK) === 0 && pair.streams?.[direction].hasBegun === true;
}

function endOf(pair: Pair): void {
  for (const stream of pair.streams ?? []) stream.end();
}

function textOf({ source, destination, tunnel, interface: at }: FlowKey, reversed: boolean): string {
  const [from, to] = reversed ? [destination, source] : [source, destination];
  return `${from.address} ${from.port} ${to.address} ${to.port} ${tunnel} ${at}`;
}
