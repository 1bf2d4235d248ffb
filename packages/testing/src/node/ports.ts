import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { eventually } from './eventually.ts';

/** A TCP port of loopback that was free a moment ago, for programs that cannot be told "any port". */
export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The same for UDP. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Waits until a program of this machine has taken an IPv4 port: Linux says so, and elsewhere nobody waits. */
export async function portTaken(transport: 'udp' | 'tcp', port: number): Promise<void> {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  await eventually(`a program at the ${transport} port ${port}`, async () => {
    const sockets = await readFile(`/proc/net/${transport}`, 'utf8').catch(() => undefined);
    return sockets?.split('\n').some((line) => line.trim().split(/\s+/)[1]?.endsWith(ending)) ?? true;
  });
}

/**
 * A port of loopback that is free by TCP and UDP, and that the system gives to no client meanwhile: for a server that starts
 * only after its port has been told to somebody.
 */
export async function freeServerPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000); // below what Linux gives out (ip_local_port_range)
    const server = createServer();
    const socket = createSocket('udp4');
    const isFree = await Promise.all([
      once(server.listen(port, '127.0.0.1'), 'listening'),
      once(socket.bind(port, '127.0.0.1'), 'listening'),
    ]).then(
      () => true,
      () => false,
    );
    for (const one of [server, socket]) one.close();
    if (isFree) return port;
  }
}
