import type { TransportAddress } from '@trustline/capture';
import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import type { ConnectionContext, ConnectionReader, SignallingProtocolReaders } from '../reader.ts';
import { SipBook } from '../sip/book.ts';
import { messagesOf } from '../sip/datagram.ts';
import { beginsWithSip, WebSocketMessages } from './messages.ts';
import { recogniseUpgrade } from './upgrade.ts';

/** SIP over WebSocket, clear or decrypted (RFC 7118). */
export const webSocketReaders: SignallingProtocolReaders = {
  name: 'sip over websocket',
  recogniseConnection: (octets) => {
    const upgrade = recogniseUpgrade(octets);
    return upgrade === 'no' && beginsWithSip(octets) ? 'yes' : upgrade;
  },
  openConnection: (context) => new WebSocketReader(context),
};

class WebSocketReader implements ConnectionReader {
  readonly #sides: Readonly<Record<ConnectionSide, WebSocketMessages>>;
  #place: PacketPlace = { number: 0, microseconds: 0 };

  constructor({ observations, exposure, client, server }: ConnectionContext) {
    const book = SipBook.of(observations);
    const side = (from: TransportAddress, to: TransportAddress) => {
      const path = book.paths.of('websocket', from, to, exposure);
      return new WebSocketMessages((octets, isWhole) => {
        for (const message of messagesOf(octets, !isWhole)) book.handle(message, path, this.#place);
      }, book.held);
    };
    this.#sides = { client: side(client, server), server: side(server, client) };
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#place = place;
    this.#sides[from].data(octets);
  }

  gap(from: ConnectionSide, _octets: number, place: PacketPlace): void {
    this.#place = place;
    this.#sides[from].gap();
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    this.#place = place;
    this.#sides[from].gap();
  }
}
