import {
  type CapturedPacket,
  type CaptureInterface,
  Dissection,
  type DissectionKind,
  dissect,
  type FlowKey,
  FlowTable,
  FragmentReassembly,
  type PacketAtHand,
} from '@trustline/capture';
import { type ConnectionEnds, type ConnectionObserver, Connections } from './connections.ts';
import type { PacketPlace } from './place.ts';

/** Told the datagrams of one direction between two ports, or the packets of another protocol between two addresses. */
export interface DatagramObserver {
  /** A view of the capture, or of what was put together from fragments. `isCut`: the capture has less than was sent. */
  datagram(octets: Uint8Array, place: PacketPlace, isCut: boolean): void;
}

export interface TrafficObserver {
  openDatagrams(key: FlowKey, place: PacketPlace): DatagramObserver;
  openConnection(ends: ConnectionEnds, place: PacketPlace): ConnectionObserver;
  /** Told the parts of packets between two addresses, each before its packet is whole: others of it may be missing. Ports are 0. */
  openFragments?(key: FlowKey): DatagramObserver;
}

/** Addresses between which fragments are followed at the same time. */
const MOST_FRAGMENTED = 4_096;
const nobody: DatagramObserver = { datagram: () => {} };

export interface TrafficLimits {
  /** Directions of datagrams that are followed at the same time; each takes under 1 kB. */
  readonly flows: number;
  /** Directions of TCP; each takes some 3 kB. */
  readonly connections: number;
}

/** A clock that goes back by more than this was set (microseconds); packets of several queues overtake each other by less. */
const CLOCK_WAS_SET = 60_000_000;

/** Interfaces whose clocks are known at the same time; each section of a pcapng file may have others. */
const MOST_INTERFACES = 65_536;

/** An interface of a capture, and its clock. */
interface TappedInterface {
  readonly number: number;
  /** Of its packet before, as captured. */
  lastMicroseconds: number;
  /** What is added so that its time goes on where its clock was set back. */
  addedMicroseconds: number;
}

export const defaultTrafficLimits: TrafficLimits = { flows: 60_000, connections: 25_000 };

/** What became of the packets of a capture. */
export interface TrafficCounts {
  /** By how far they could be taken apart. */
  readonly packets: Readonly<Record<DissectionKind, number>>;
  readonly fragmentsJoined: number;
  readonly fragmentsAbandoned: number;
  readonly flowsGivenUp: number;
  /** Times that the clock of a capture was set back; its time goes on from there, so that what follows does not come before. */
  readonly clockSetBack: number;
}

/** Takes captured packets, and gives datagrams and the octets of connections to who asks what they are. Sans-IO. */
export class Traffic {
  readonly #packet = new Dissection();
  readonly #fragments = new FragmentReassembly();
  readonly #datagrams: FlowTable<DatagramObserver>;
  readonly #fragmented: FlowTable<DatagramObserver>;
  readonly #connections: Connections;
  readonly #interfaces = new Map<object, TappedInterface>();
  #interfacesSeen = 0;
  #lastInterface: { readonly of: object; readonly tapped: TappedInterface } | undefined;
  #clockSetBack = 0;
  readonly #counts: Record<DissectionKind, number> = {
    udp: 0,
    tcp: 0,
    ip: 0,
    fragment: 0,
    'not-ip': 0,
    cut: 0,
    'unknown-link-type': 0,
    'too-deep': 0,
  };
  #place: PacketPlace = { number: 0, microseconds: 0 };

  constructor(observer: TrafficObserver, { flows, connections }: TrafficLimits = defaultTrafficLimits) {
    this.#datagrams = new FlowTable((key) => observer.openDatagrams(key, this.#place), flows);
    this.#fragmented = new FlowTable((key) => observer.openFragments?.(key) ?? nobody, MOST_FRAGMENTED);
    this.#connections = new Connections((ends, place) => observer.openConnection(ends, place), connections);
  }

  handle({ number, time, data, interface: at }: CapturedPacket): void {
    this.#frame(number, time?.microseconds, at, data, 0, data.byteLength);
  }

  /** The same of one that is valid during the call alone. */
  handleAtHand({ number, hasTime, microseconds, interface: at, bytes, from, to }: PacketAtHand): void {
    this.#frame(number, hasTime ? microseconds : undefined, at, bytes, from, to);
  }

  #frame(
    number: number,
    microseconds: number | undefined,
    at: CaptureInterface,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): void {
    const packet = this.#packet;
    const tapped = this.#interface(at);
    this.#place = { number, microseconds: microseconds === undefined ? 0 : this.#steadyTime(tapped, microseconds) };
    dissect(at.linkType, bytes, packet, from, to);
    if (packet.kind === 'fragment') {
      this.#fragmented.find(packet, tapped.number).datagram(packet.payload, this.#place, packet.isCut);
    }
    if (packet.kind === 'fragment' && !this.#fragments.handle(this.#place.microseconds, packet)) {
      this.#counts.fragment++;
      return;
    }
    this.#counts[packet.kind]++;
    if (packet.kind === 'tcp') this.#connections.segment(packet, tapped.number, this.#place);
    if (packet.kind !== 'udp' && packet.kind !== 'ip') return;
    const flow = this.#datagrams.find(packet, tapped.number);
    flow.datagram(packet.payload, this.#place, packet.isCut);
  }

  /** The capture is over: what still waits is given on. */
  end(): void {
    this.#connections.end(this.#place);
  }

  counts(): TrafficCounts {
    return {
      packets: { ...this.#counts },
      fragmentsJoined: this.#fragments.joined,
      fragmentsAbandoned: this.#fragments.abandoned,
      flowsGivenUp: this.#datagrams.givenUp + this.#connections.givenUp,
      clockSetBack: this.#clockSetBack,
    };
  }

  #steadyTime(tapped: TappedInterface, microseconds: number): number {
    const back = tapped.lastMicroseconds - microseconds;
    tapped.lastMicroseconds = microseconds;
    if (back > CLOCK_WAS_SET) {
      tapped.addedMicroseconds += back;
      this.#clockSetBack++;
    }
    return microseconds + tapped.addedMicroseconds;
  }

  #interface(at: object): TappedInterface {
    if (at === this.#lastInterface?.of) return this.#lastInterface.tapped;
    const tapped = this.#interfaces.get(at) ?? this.#newInterface(at);
    this.#lastInterface = { of: at, tapped };
    return tapped;
  }

  #newInterface(at: object): TappedInterface {
    // All at once: one by one takes ever longer, for a Map is searched from its beginning for the oldest that is left.
    if (this.#interfaces.size >= MOST_INTERFACES) this.#interfaces.clear();
    const tapped = { number: this.#interfacesSeen, lastMicroseconds: Number.NEGATIVE_INFINITY, addedMicroseconds: 0 };
    this.#interfacesSeen++;
    this.#interfaces.set(at, tapped);
    return tapped;
  }
}
