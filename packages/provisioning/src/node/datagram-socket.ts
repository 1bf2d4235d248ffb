import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** Takes addresses as they are, for what is sent to is never a name: this saves a look-up for each datagram. */
function noLookup(
  address: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, address, isIPv6(address) ? 6 : 4);
}

/** Opens a UDP socket; port 0 takes any. It rejects with the error of the system. */
export async function openDatagramSocket(host: string, port: number, receiveBuffer?: number): Promise<Socket> {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    lookup: noLookup,
    ...(receiveBuffer === undefined ? {} : { recvBufferSize: receiveBuffer }),
  });
  try {
    const listening = once(socket, 'listening'); // first: without a look-up the socket may be bound at once
    socket.bind(port, host);
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket;
}

/** An IPv4 address that came through a socket of both families, as IPv4 writes it. */
export function plainAddress(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;
}
