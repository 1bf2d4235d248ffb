import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { eventually } from './eventually.ts';

// Below what Linux gives to clients (ip_local_port_range), one of which could take a port before its server does, and below what
// the relay of a manager takes.
const [firstPort, lastPort] = [10_000, 16_383];
/** Test files that run side by side draw from shares of their own, so that none is given what another is about to take. */
const shares = 8;
const ports = Math.floor((lastPort + 1 - firstPort) / shares);
const firstOfShare = firstPort + (Number(process.env['VITEST_POOL_ID'] ?? randomInt(shares)) % shares) * ports;
/** The next of the share, even as RTP has it; one after the other, so that none is given twice while it is still wanted. */
let next = 2 * randomInt(ports / 2);

/** A TCP port of loopback that was free a moment ago, for programs that cannot be told "any port". */
export const freeTcpPort = (): Promise<number> => freePort(isTcpFree);

/** The same for UDP. */
export const freeUdpPort = (): Promise<number> => freePort(isUdpFree);

/** The same for both. */
export const freeServerPort = (): Promise<number> =>
  freePort(async (port) => (await isTcpFree(port)) && (await isUdpFree(port)));

/** Only every other one: many programs take the one above as well, for TLS or RTCP. */
async function freePort(isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (;;) {
    next = (next + 2) % ports;
    const port = firstOfShare + next;
    if (await isFree(port)) return port;
  }
}

async function isTcpFree(port: number): Promise<boolean> {
  const server = createServer();
  const isFree = await once(server.listen(port, '127.0.0.1'), 'listening').then(
    () => true,
    () => false,
  );
  if (isFree) await once(server.close(), 'close');
  return isFree;
}

async function isUdpFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const isFree = await once(socket.bind(port, '127.0.0.1'), 'listening').then(
    () => true,
    () => false,
  );
  await once(socket.close(), 'close');
  return isFree;
}

/** Waits until a program of this machine has taken an IPv4 port: Linux says so, and elsewhere nobody waits. */
export async function portTaken(transport: 'udp' | 'tcp', port: number): Promise<void> {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  await eventually(`a program at the ${transport} port ${port}`, async () => {
    const sockets = await readFile(`/proc/net/${transport}`, 'utf8').catch(() => undefined);
    return sockets?.split('\n').some((line) => line.trim().split(/\s+/)[1]?.endsWith(ending)) ?? true;
  });
}
