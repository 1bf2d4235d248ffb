import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Component, MediaEndpoint } from '../../media/settings.ts';

/** Room for what comes while the worker is busy, in octets; the system gives what it allows. */
const BUFFER = 1 << 20;
const MAPPED = '::ffff:';

/** Called for each datagram, which is the receiver's to keep and to change. */
export type DatagramReceiver = (component: Component, datagram: Uint8Array, address: string, port: number) => void;

/** Two UDP ports of ours, an even one for RTP and the next for RTCP (RFC 3550 §11). */
export class PortPair {
  readonly port: number;
  readonly #sockets: Readonly<Record<Component, Socket>>;
  readonly #isIpv6: boolean;

  /** Binds the pair. @throws {Error} EADDRINUSE, EACCES, … when one of the two cannot be had */
  static async bind(host: string, port: number): Promise<PortPair> {
    const rtp = await bound(host, port);
    try {
      return new PortPair(host, port, rtp, await bound(host, port + 1));
    } catch (error) {
      rtp.close();
      throw error;
    }
  }

  private constructor(host: string, port: number, rtp: Socket, rtcp: Socket) {
    this.port = port;
    this.#sockets = { rtp, rtcp };
    this.#isIpv6 = isIPv6(host);
  }

  onDatagram(receive: DatagramReceiver): void {
    for (const component of ['rtp', 'rtcp'] as const) {
      this.#sockets[component].on('message', (datagram, { address, port }) => {
        const from = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
        receive(component, datagram, from, port);
      });
    }
  }

  send(component: Component, datagram: Uint8Array, { address, port }: MediaEndpoint): void {
    const to = this.#isIpv6 && !address.includes(':') ? MAPPED + address : address;
    this.#sockets[component].send(datagram, 0, datagram.byteLength, port, to);
  }

  close(): void {
    this.#sockets.rtp.close();
    this.#sockets.rtcp.close();
  }
}

async function bound(host: string, port: number): Promise<Socket> {
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: BUFFER,
    sendBufferSize: BUFFER,
    // Addresses come from descriptions as numbers; a name is nothing to send to, and nobody is asked about one.
    lookup: (address, _options, callback) => callback(null, address, isIPv6(address) ? 6 : 4),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // What a datagram meets on its way, an unreachable host for instance, is not worth more than its loss.
  socket.on('error', () => undefined);
  return socket;
}
