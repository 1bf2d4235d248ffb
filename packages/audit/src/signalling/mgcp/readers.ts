import type { TransportAddress } from '@trustline/capture';
import type { PacketPlace } from '../../traffic/place.ts';
import type { DatagramReader, ReaderContext, SignallingProtocolReaders } from '../reader.ts';
import { MgcpBook } from './book.ts';
import { isMgcp, readMgcp } from './message.ts';

/** MGCP in datagrams (RFC 3435), of whatever port. */
export const mgcpReaders: SignallingProtocolReaders = {
  name: 'mgcp',
  recogniseDatagram: isMgcp,
  openDatagrams: (context) => new MgcpDatagramReader(context),
};

class MgcpDatagramReader implements DatagramReader {
  readonly #book: MgcpBook;
  readonly #context: ReaderContext;

  constructor(context: ReaderContext) {
    this.#book = MgcpBook.of(context.observations);
    this.#context = context;
  }

  datagram(from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace): void {
    const messages = readMgcp(octets);
    if (messages.length === 0) return;
    const path = this.#book.paths.of('udp', from, to, this.#context.exposure);
    for (const message of messages) this.#book.handle(message, path, place);
  }
}
