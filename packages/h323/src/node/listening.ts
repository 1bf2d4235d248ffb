import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { HostPort } from '../endpoint/tcp-ends.ts';
import { H323Error } from '../error.ts';
import { authorityOf } from './addresses.ts';

/** A TCP socket that listens. */
export interface Listening {
  /** The port is the real one where 0 was asked for. */
  readonly local: HostPort;
  close(): void;
}

/**
 * Listens for TCP connections.
 *
 * @throws {H323Error} h323.port-in-use, h323.port-not-allowed, h323.no-such-address or h323.listen-failed
 */
export async function listenAt(where: HostPort, accept: (socket: Socket) => void): Promise<Listening> {
  const server = createServer((socket) => {
    // One that is gone again before it was accepted has no address.
    if (socket.remoteAddress === undefined) socket.destroy();
    else accept(socket);
  });
  try {
    server.listen(where.port, where.address);
    await once(server, 'listening');
  } catch (cause) {
    throw listenFailure(where, cause);
  }
  // Running out of descriptors is said by the connections that are missing; the socket goes on listening.
  server.on('error', () => {});
  return { local: { address: where.address, port: portOf(server, where) }, close: () => server.close() };
}

function portOf(server: Server, where: HostPort): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : where.port;
}

function listenFailure(where: HostPort, cause: unknown): H323Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const place = `TCP ${authorityOf(where)}`;
  switch (code) {
    case 'EADDRINUSE':
      return new H323Error('h323.port-in-use', `${place} is used by another program`, {
        nextStep: `Find it with "ss -lnp 'sport = :${where.port}'", stop it, or use another port.`,
        cause,
      });
    case 'EACCES':
      return new H323Error('h323.port-not-allowed', `${place} may not be opened by this user`, {
        nextStep: 'Use a port above 1023, or allow this one (net.ipv4.ip_unprivileged_port_start).',
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new H323Error('h323.no-such-address', `This machine has no address ${where.address}`, {
        nextStep: 'Use one that "ip address" shows, or 0.0.0.0 or :: for all of them.',
        cause,
      });
    default:
      return new H323Error('h323.listen-failed', `${place} could not be opened (${String(code ?? cause)})`, { cause });
  }
}
