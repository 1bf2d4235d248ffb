import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { TrustlineError } from '@trustline/base';

/** The two sockets of one stream: RTP on an even port, RTCP on the next (RFC 3550 §11). */
export interface MediaPorts {
  readonly address: string;
  readonly port: number;
  readonly rtp: Socket;
  readonly rtcp: Socket;
}

/** How often the system is asked for a port whose neighbour is free. */
const MAXIMUM_ATTEMPTS = 50;

/**
 * Opens two neighbouring ports that the system gives.
 *
 * @param address the own address to bind to
 * @throws {TrustlineError} rtp.no-ports, rtp.no-address
 */
export async function openMediaPorts(address: string): Promise<MediaPorts> {
  let cause: unknown;
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    let first: Socket | undefined;
    try {
      first = await bind(address, 0);
      const { port } = first.address();
      const second = await bind(address, port ^ 1);
      return port % 2 === 0
        ? { address, port, rtp: first, rtcp: second }
        : { address, port: port - 1, rtp: second, rtcp: first };
    } catch (error) {
      first?.close();
      if (isOfAddress(error)) throw noAddress(address, error);
      cause = error;
    }
  }
  throw new TrustlineError('rtp.no-ports', `No pair of UDP ports could be opened at ${address} for the call's audio`, {
    nextStep: 'See how many sockets are open (ss -u -a), and raise the limit of open files (ulimit -n).',
    cause,
  });
}

function isOfAddress(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL';
}

function noAddress(address: string, cause: unknown): TrustlineError {
  return new TrustlineError('rtp.no-address', `This machine has no address ${address} for the call's audio.`, {
    nextStep: 'See which addresses it has (ip address): give it that one, or name one of those for the media.',
    cause,
  });
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    // An ICMP refusal of the far end is no reason to end: it may only be late.
    socket.on('error', () => {});
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Opens the ports of a call that is begun with them; they are closed where it is not. */
export async function withMediaPorts<Call>(address: string, begin: (ports: MediaPorts) => Call): Promise<Call> {
  const ports = await openMediaPorts(address);
  try {
    return begin(ports);
  } catch (error) {
    ports.rtp.close();
    ports.rtcp.close();
    throw error;
  }
}
