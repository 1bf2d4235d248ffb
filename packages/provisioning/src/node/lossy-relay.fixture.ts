import type { Socket } from 'node:dgram';
import type { SeededRandom } from '@trustline/testing';
import { openDatagramSocket } from './datagram-socket.ts';

const host = '127.0.0.1';

/** Stands between TFTP clients and a server on loopback, and loses and doubles datagrams by a seed. */
export class LossyRelay {
  readonly #door: Socket;
  readonly #opened: Socket[] = [];
  readonly #random: SeededRandom;
  readonly #loss: number;
  /** Datagrams that were lost or doubled. */
  disturbed = 0;

  static async open(serverPort: number, random: SeededRandom, loss: number): Promise<LossyRelay> {
    return new LossyRelay(await openDatagramSocket(host, 0), serverPort, random, loss);
  }

  private constructor(door: Socket, serverPort: number, random: SeededRandom, loss: number) {
    this.#door = door;
    this.#random = random;
    this.#loss = loss;
    const known = new Map<number, Promise<Socket>>();
    door.on('message', (bytes, client) => {
      const upstream = known.get(client.port) ?? this.#session(client.port);
      known.set(client.port, upstream);
      void upstream.then((socket) => this.#carry(socket, bytes, serverPort));
    });
  }

  get port(): number {
    return this.#door.address().port;
  }

  close(): void {
    for (const socket of [this.#door, ...this.#opened]) socket.close();
  }

  /** One client: its own socket towards the server, and one that is the server's TID towards it. */
  async #session(clientPort: number): Promise<Socket> {
    const upstream = await openDatagramSocket(host, 0);
    const downstream = await openDatagramSocket(host, 0);
    this.#opened.push(upstream, downstream);
    let transferPort = 0;
    upstream.on('message', (bytes, server) => {
      transferPort = server.port;
      this.#carry(downstream, bytes, clientPort);
    });
    downstream.on('message', (bytes) => this.#carry(upstream, bytes, transferPort));
    return upstream;
  }

  #carry(socket: Socket, bytes: Uint8Array, port: number): void {
    if (this.#random.chance(this.#loss)) {
      this.disturbed += 1;
      return;
    }
    socket.send(bytes, port, host);
    if (!this.#random.chance(this.#loss)) return;
    this.disturbed += 1;
    socket.send(bytes, port, host);
  }
}
