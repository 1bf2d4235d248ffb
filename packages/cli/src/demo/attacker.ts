import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TransportAddress } from '@trustline/capture';

/** Somebody else on the network who sends to a phone's real RTP socket, from a socket of their own. */
export class Attacker {
  readonly address: TransportAddress;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.address = { address, port };
  }

  static async open(address: string): Promise<Attacker> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4').bind(0, address);
    await once(socket, 'listening');
    return new Attacker(socket);
  }

  async send(target: TransportAddress, datagrams: readonly Uint8Array[]): Promise<void> {
    for (const datagram of datagrams) {
      const sent = Promise.withResolvers<void>();
      this.#socket.send(datagram, target.port, target.address, (error) =>
        error === null ? sent.resolve() : sent.reject(error),
      );
      await sent.promise;
    }
  }

  close(): void {
    this.#socket.close();
  }
}
