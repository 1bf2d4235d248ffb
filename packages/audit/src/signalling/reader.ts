import type { TransportAddress } from '@trustline/capture';
import type { Exposure } from '../model/exposure.ts';
import type { Observations } from '../model/observations.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';

/** How sure a reader is that octets are of its protocol. */
export type Recognition = 'yes' | 'no' | 'more';

/** What a reader is told of the way its octets came. */
export interface ReaderContext {
  readonly observations: Observations;
  readonly exposure: Exposure;
}

/** Reads one protocol in datagrams between two ports, in both directions. Views are valid during the call alone. */
export interface DatagramReader {
  datagram(from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace, isCut: boolean): void;
  /** Whether it awaits such a datagram there, which does not say by itself what it is: of a transfer that it follows. */
  expects?(from: TransportAddress, to: TransportAddress, octets: Uint8Array): boolean;
  /** The capture is over: what still waits for more is told as far as it goes. */
  end?(): void;
}

/** Reads one protocol in a connection: the octets of each side in order, and what of them is missing. */
export interface ConnectionReader {
  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void;
  gap(from: ConnectionSide, octets: number, place: PacketPlace): void;
  ended(from: ConnectionSide, place: PacketPlace): void;
}

export interface ConnectionContext extends ReaderContext {
  readonly client: TransportAddress;
  readonly server: TransportAddress;
}

/** A protocol that is recognised by what it says, whatever its port. */
export interface SignallingProtocolReaders {
  readonly name: string;
  /** By the first octets that a side of a connection sent; `more` while too few of them are there. */
  recogniseConnection?(octets: Uint8Array): Recognition;
  openConnection?(context: ConnectionContext): ConnectionReader;
  recogniseDatagram?(octets: Uint8Array): boolean;
  /** One reader for all datagrams of the protocol in the capture. */
  openDatagrams?(context: ReaderContext): DatagramReader;
}
