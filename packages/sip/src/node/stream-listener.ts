import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { SipHostPort } from '../flow.ts';
import { hostPort } from './address.ts';
import { listenFailure } from './failures.ts';

/** A listening TCP socket, whatever is spoken on it. */
export class StreamListener {
  readonly #server: Server;
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly local: SipHostPort;

  private constructor(server: Server, local: SipHostPort) {
    this.#server = server;
    this.local = local;
  }

  /** @throws {SipError} `sip.port-in-use`, `sip.port-not-allowed`, `sip.no-such-address` or `sip.listen-failed`. */
  static async open(
    transport: 'tcp' | 'tls',
    where: SipHostPort,
    accept: (socket: Socket, local: SipHostPort, remote: SipHostPort) => void,
    failed: (error: Error) => void,
  ): Promise<StreamListener> {
    const server = createServer((socket) => {
      const remote = hostPort(socket.remoteAddress, socket.remotePort);
      // A client that is gone again before it was accepted has no address.
      if (remote.host === '') socket.destroy();
      else accept(socket, hostPort(socket.localAddress, socket.localPort), remote);
    });
    try {
      server.listen(where.port, where.host);
      await once(server, 'listening');
    } catch (cause) {
      throw listenFailure(transport, where, cause);
    }
    server.on('error', failed);
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : where.port;
    return new StreamListener(server, { host: where.host, port });
  }

  /** Takes no more connections; those that are open stay. */
  close(): void {
    this.#server.close();
  }
}
