import type { Socket } from 'node:net';
import type { HostPort, TcpEnds } from '../endpoint/tcp-ends.ts';

/** The ends of a connected socket; an IPv4 address that came in on an IPv6 socket is IPv4 again. */
export function endsOf(socket: Socket): TcpEnds {
  return {
    local: end(socket.localAddress, socket.localPort),
    remote: end(socket.remoteAddress, socket.remotePort),
  };
}

function end(address = '', port = 0): HostPort {
  return { address: /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address, port };
}

/** For people and for table keys. */
export function authorityOf({ address, port }: HostPort): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
