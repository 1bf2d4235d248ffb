import { createSocket, type Socket } from 'node:dgram';

/** Somebody who reads datagrams and says nothing, until he answers OPTIONS. */
export class SilentCarrier {
  readonly #socket: Socket = createSocket('udp4');
  readonly methods: string[] = [];
  isAwake = false;

  async open(port: number): Promise<void> {
    this.#socket.on('message', (datagram, from) => {
      const text = datagram.toString('latin1');
      const method = text.slice(0, text.indexOf(' '));
      this.methods.push(method);
      if (!this.isAwake || method !== 'OPTIONS') return;
      const headers = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
      this.#socket.send(
        ['SIP/2.0 200 OK', ...headers, 'Content-Length: 0', '', ''].join('\r\n'),
        from.port,
        from.address,
      );
    });
    await new Promise<void>((bound) => void this.#socket.bind(port, '127.0.0.1', bound));
  }

  close(): void {
    this.#socket.close();
  }
}
