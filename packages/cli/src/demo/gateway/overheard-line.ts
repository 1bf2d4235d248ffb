import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** More than the signalling of some calls. */
const MOST_OCTETS = 8 << 20;

/** A line between the manager and the gateway on which every octet of their signalling is overheard. */
export class OverheardLine {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #chunks: readonly Uint8Array[];

  private constructor(server: Server, port: number, sockets: Set<Socket>, chunks: readonly Uint8Array[]) {
    this.#server = server;
    this.port = port;
    this.#sockets = sockets;
    this.#chunks = chunks;
  }

  /** Whoever connects to it is connected to the gateway at this port. */
  static async open(host: string, gatewayPort: number): Promise<OverheardLine> {
    const sockets = new Set<Socket>();
    const chunks: Uint8Array[] = [];
    let octets = 0;
    const join = (from: Socket, to: Socket) => {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.on('data', (chunk: Uint8Array) => {
        octets += chunk.byteLength;
        if (octets <= MOST_OCTETS) chunks.push(chunk);
        to.write(chunk);
      });
    };
    const server = createServer((near) => {
      const far = dial({ host, port: gatewayPort });
      join(near, far);
      join(far, near);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, resolve);
    });
    const address = server.address();
    return new OverheardLine(server, typeof address === 'object' ? (address?.port ?? 0) : 0, sockets, chunks);
  }

  /** All that went over it, both ways, in the order in which it came. */
  octets(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#chunks));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
