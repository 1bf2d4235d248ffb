import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { formatHost, type SipHostPort } from '@trustline/sip';
import { Admission, StreamListener, TlsDoor, type TlsJudge } from '@trustline/sip/node';
import type { SkinnyConnection } from '../../legs/sccp/skinny-door.ts';
import type { TlsPeer } from '../../legs/sip/gate.ts';

export interface SkinnyListenerLimits {
  readonly connections: number;
  readonly unauthenticatedConnections: number;
  readonly handshakes: number;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

export interface SkinnyListenersPorts {
  readonly limits: SkinnyListenerLimits;
  opened(connection: SkinnyConnection): void;
  received(connection: string, bytes: Uint8Array): void;
  closed(connection: string): void;
  /** Somebody was not let in; a sentence for the operator. */
  refused(kind: 'handshake-refused' | 'connection-refused', reason: string, remoteAddress: string): void;
  failed(local: SipHostPort, error: Error): void;
}

export interface SkinnyListener {
  readonly local: SipHostPort;
  setSecureContext(options: SecureContextOptions): void;
}

/** A connection, from the first octet on. */
interface Guest {
  readonly socket: Socket;
  readonly host: string;
  /** It is gone, or has been told to go. */
  left: boolean;
}

/** Octets that a phone has not read yet, at most. */
const WRITE_BACKLOG = 262_144;

/** The sockets of Skinny: TCP, and TLS whose far end shows a certificate. What is said on them is the door's. */
export class SkinnyListeners {
  readonly #ports: SkinnyListenersPorts;
  readonly #guests: Admission<Guest>;
  readonly #byConnection = new Map<string, Guest>();
  readonly #listeners: StreamListener[] = [];
  #connections = 0;

  constructor(ports: SkinnyListenersPorts) {
    this.#ports = ports;
    this.#guests = new Admission(ports.limits.connections, ({ host }) => host, ports.limits.unauthenticatedConnections);
  }

  /** Connections that are open. */
  get size(): number {
    return this.#guests.size;
  }

  /** @throws {SipError} sip.port-in-use, sip.port-not-allowed, sip.no-such-address or sip.listen-failed */
  async listen(where: SipHostPort): Promise<SkinnyListener> {
    return this.#open(
      'tcp',
      where,
      (guest, local, remote) => this.#seat(guest, guest.socket, local, remote, undefined),
      () => undefined,
    );
  }

  /** @throws {SipError} sip.port-in-use, sip.port-not-allowed, sip.no-such-address or sip.listen-failed */
  async listenTls(
    where: SipHostPort,
    secureContextOptions: SecureContextOptions,
    judge: TlsJudge<TlsPeer>,
  ): Promise<SkinnyListener> {
    const { handshakes, handshakeTimeout } = this.#ports.limits;
    const door = new TlsDoor<TlsPeer>({ secureContextOptions, judge, handshakes, handshakeTimeout });
    const enter = (guest: Guest, local: SipHostPort, remote: SipHostPort) =>
      door.take({
        raw: guest.socket,
        local,
        remote,
        waits: (isWaiting) => (isWaiting ? this.#guests.wait(guest) : this.#guests.waitNoMore(guest)),
        admit: (socket, peer) => {
          this.#guests.prove(guest);
          this.#seat(guest, socket, local, remote, peer);
        },
        refuse: (reason) => {
          this.#guests.remove(guest);
          if (!guest.left) this.#ports.refused('handshake-refused', reason, authority(remote));
        },
      });
    return this.#open('tls', where, enter, (options) => door.setSecureContext(options));
  }

  send(connection: string, bytes: Uint8Array): void {
    const guest = this.#byConnection.get(connection);
    if (guest === undefined || guest.left) return;
    guest.socket.write(bytes);
    if (guest.socket.writableLength > WRITE_BACKLOG) guest.socket.destroy();
  }

  /** Whoever is there has proved who it is: it leaves last. */
  prove(connection: string): void {
    const guest = this.#byConnection.get(connection);
    if (guest !== undefined) this.#guests.prove(guest);
  }

  /** Ends a connection, after what was sent. */
  close(connection: string): void {
    const guest = this.#byConnection.get(connection);
    if (guest === undefined || guest.left) return;
    guest.left = true;
    guest.socket.end();
    // A far end that does not answer the end is not waited for.
    setTimeout(() => guest.socket.destroy(), CLOSING_TIME).unref();
  }

  stop(): void {
    for (const listener of this.#listeners) listener.close();
    for (const guest of this.#guests.members()) {
      guest.left = true;
      guest.socket.destroy();
    }
  }

  async #open(
    transport: 'tcp' | 'tls',
    where: SipHostPort,
    enter: (guest: Guest, local: SipHostPort, remote: SipHostPort) => void,
    setSecureContext: SkinnyListener['setSecureContext'],
  ): Promise<SkinnyListener> {
    const listener = await StreamListener.open(
      transport,
      where,
      (socket, local, remote) => {
        const guest = this.#welcome(socket, remote);
        if (guest !== undefined) enter(guest, local, remote);
      },
      (error) => this.#ports.failed(where, error),
    );
    this.#listeners.push(listener);
    return { local: listener.local, setSecureContext };
  }

  /** Makes room for one more; undefined where there is none. */
  #welcome(socket: Socket, remote: SipHostPort): Guest | undefined {
    const leaves = this.#guests.whoLeaves(remote.host);
    if (leaves === 'full') {
      socket.destroy();
      this.#ports.refused(
        'connection-refused',
        'every place is taken by devices that have proved who they are',
        authority(remote),
      );
      return undefined;
    }
    if (leaves !== undefined) {
      leaves.left = true;
      this.#guests.remove(leaves);
      leaves.socket.destroy();
    }
    const guest = { socket, host: remote.host, left: false };
    this.#guests.add(guest);
    socket.once('close', () => this.#guests.remove(guest));
    socket.on('error', () => {});
    return guest;
  }

  /** From here on what the phone says is read. */
  #seat(guest: Guest, socket: Socket, local: SipHostPort, remote: SipHostPort, peer: TlsPeer | undefined): void {
    this.#connections += 1;
    const id = `sccp${this.#connections}`;
    const seated: Guest = socket === guest.socket ? guest : this.#moved(guest, socket);
    this.#byConnection.set(id, seated);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      seated.left = true;
      this.#byConnection.delete(id);
      this.#ports.closed(id);
    });
    const [remoteAddress, localAddress] = [authority(remote), authority(local)];
    this.#ports.opened({ id, peer, remoteAddress, remoteHost: remote.host, localHost: local.host, localAddress });
    socket.on('data', (chunk: Uint8Array) => {
      if (!seated.left) this.#ports.received(id, chunk);
    });
  }

  /** Octets go over the TLS socket from now on; the raw one under it goes with it. */
  #moved(guest: Guest, socket: Socket): Guest {
    const seated: Guest = { socket, host: guest.host, left: false };
    this.#guests.remove(guest);
    this.#guests.add(seated);
    this.#guests.prove(seated);
    socket.once('close', () => this.#guests.remove(seated));
    return seated;
  }
}

/** How long a far end may take to close, in milliseconds. */
const CLOSING_TIME = 2_000;

function authority({ host, port }: SipHostPort): string {
  return `${formatHost(host)}:${port}`;
}
