import { createSocket, type Socket } from 'node:dgram';
import type { HostPort } from '@trustline/h323';
import type { GatekeeperOutput } from '../../legs/h323/gatekeepers.ts';

export interface RasSocketPorts {
  /** A socket is there: where it takes RAS, and where we take calls. */
  opened(gatekeeper: string, ras: HostPort, callSignalling: HostPort): void;
  received(gatekeeper: string, payload: Uint8Array, from: HostPort): void;
  /** No socket can be had; it is tried again. */
  failed(gatekeeper: string, why: string): void;
}

/** Datagrams that are longer than any message of RAS are not read. */
const LONGEST = 4_096;
/** Milliseconds until a socket that could not be had is tried again. */
const RETRY = 10_000;
const unspecified = new Set(['0.0.0.0', '::']);

/** The sockets of RAS, one for each gatekeeper, open from when there is somewhere to take calls. */
export class RasSockets {
  readonly #ports: RasSocketPorts;
  readonly #wanted = new Map<string, Extract<GatekeeperOutput, { kind: 'open-ras' }>>();
  readonly #sockets = new Map<string, Socket>();
  #callSignalling: HostPort | undefined;

  constructor(ports: RasSocketPorts) {
    this.#ports = ports;
  }

  /** Calls are taken there from now on. */
  listening(at: HostPort): void {
    this.#callSignalling ??= at;
    for (const wanted of this.#wanted.values()) this.#open(wanted);
  }

  execute(output: GatekeeperOutput): void {
    switch (output.kind) {
      case 'open-ras':
        this.#wanted.set(output.gatekeeper, output);
        this.#open(output);
        return;
      case 'send-ras':
        this.#sockets.get(output.gatekeeper)?.send(output.payload, output.to.port, output.to.address, () => {});
        return;
      case 'close-ras': {
        this.#wanted.delete(output.gatekeeper);
        const socket = this.#sockets.get(output.gatekeeper);
        this.#sockets.delete(output.gatekeeper);
        // What was sent last is still on its way.
        setImmediate(() => socket?.close());
      }
    }
  }

  stop(): void {
    this.#wanted.clear();
    const sockets = [...this.#sockets.values()];
    this.#sockets.clear();
    setImmediate(() => {
      for (const socket of sockets) socket.close();
    });
  }

  #openAgain(gatekeeper: string): void {
    const wanted = this.#wanted.get(gatekeeper);
    if (wanted !== undefined) this.#open(wanted);
  }

  #open({ gatekeeper, to, from }: Extract<GatekeeperOutput, { kind: 'open-ras' }>): void {
    const callSignalling = this.#callSignalling;
    if (callSignalling === undefined || this.#sockets.has(gatekeeper)) return;
    const type = to.address.includes(':') ? 'udp6' : 'udp4';
    const given = from ?? (unspecified.has(callSignalling.address) ? undefined : callSignalling.address);
    const socket = createSocket(type);
    this.#sockets.set(gatekeeper, socket);
    socket.on('error', (error) => {
      this.#ports.failed(gatekeeper, error.message);
      socket.close();
      if (this.#sockets.get(gatekeeper) === socket) this.#sockets.delete(gatekeeper);
      setTimeout(() => this.#openAgain(gatekeeper), RETRY).unref();
    });
    socket.on('message', (payload, { address, port }) => {
      if (payload.byteLength <= LONGEST) this.#ports.received(gatekeeper, payload, { address, port });
    });
    const bind = (address: string) =>
      socket.bind({ address, port: 0 }, () => {
        const own = socket.address();
        const ras = { address: own.address, port: own.port };
        this.#ports.opened(gatekeeper, ras, { address: own.address, port: callSignalling.port });
      });
    if (given !== undefined) bind(given);
    else
      ownAddressTowards(to, type, (address) => (this.#sockets.get(gatekeeper) === socket ? bind(address) : undefined));
  }
}

/** Our address on the way there, as the routes of this machine have it. */
function ownAddressTowards(to: HostPort, type: 'udp4' | 'udp6', found: (address: string) => void): void {
  const probe = createSocket(type);
  const done = () => {
    const { address } = probe.address();
    probe.close();
    found(address);
  };
  probe.on('error', done);
  probe.connect(to.port, to.address, done);
}
