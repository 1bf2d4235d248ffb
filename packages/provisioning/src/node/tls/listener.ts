import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { Redacted } from '@trustline/base';
import { listenFailure } from '../listen-failure.ts';
import { type TlsService, tlsFailure } from './failures.ts';

/** A certificate with its chain and its key, as PEM. */
export interface TlsIdentity {
  readonly chainPem: string;
  readonly privateKeyPem: Redacted<string>;
}

/** A connection that never became a session. */
export interface ListenerEvent {
  readonly kind: 'connection-refused' | 'listener-failed';
  readonly service: TlsService;
  readonly address: string;
  /** One of few: strangers can cause any number of these, and whoever writes them down sums them up by it. */
  readonly reason: ListenerReason;
  readonly cause: string;
}

export type ListenerReason = 'tls-handshake' | 'connection-limit' | 'certificate-refused' | 'listener-failed';

export interface TlsListenerOptions {
  readonly service: TlsService;
  readonly where: { readonly host: string; readonly port: number };
  readonly identities: readonly TlsIdentity[];
  /** Also takes phones of the TLS 1.0 era; for a listener of their own. */
  readonly legacy: boolean;
  readonly asksForCertificate: boolean;
  /** Connections at once, handshakes included. */
  readonly connections: number;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
  /** Takes over a connection whose handshake is over; the peer is not judged yet. Returns what tells its worth. */
  readonly accept: (socket: TLSSocket, address: string) => Guest;
  readonly onEvent: (event: ListenerEvent) => void;
}

/** A connection that was taken in. */
export interface Guest {
  /** True once it has proved who it is: then no newcomer takes its place. */
  readonly hasProved: () => boolean;
}

interface Connection {
  readonly raw: Socket;
  readonly address: string;
  guest: Guest | undefined;
  /** It was said why it became no session. */
  refused: boolean;
}

/**
 * A TLS port for phones: RSA and ECDSA side by side, TLS 1.2 and 1.3. Sessions are never resumed, so that every
 * connection shows its certificate afresh.
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #server: Server;
  /** In the order of their coming, by the far end's address and port. */
  readonly #connections = new Map<string, Connection>();

  private constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      ...contextOptions(options.identities, options.legacy),
      requestCert: options.asksForCertificate,
      rejectUnauthorized: false,
      handshakeTimeout: options.handshakeTimeout,
    });
    this.#server.prependListener('connection', (raw: Socket) => this.#arrive(raw));
    this.#server.on('secureConnection', (socket) => this.#admit(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      const connection = this.#connections.get(keyOf(socket));
      if (connection !== undefined) this.#refuse(connection, 'tls-handshake', tlsFailure(error));
      socket.destroy();
    });
  }

  /** @throws {TrustlineError} provisioning.port-in-use and the like */
  static async open(options: TlsListenerOptions): Promise<TlsListener> {
    const listener = new TlsListener(options);
    const { host, port } = options.where;
    try {
      listener.#server.listen(port, host);
      await once(listener.#server, 'listening');
    } catch (cause) {
      throw listenFailure(options.service, options.where, cause);
    }
    listener.#server.on('error', (error) => listener.#tell('listener-failed', 'listener-failed', host, error.message));
    return listener;
  }

  /** The port it listens on: the real one where 0 was asked for. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : this.#options.where.port;
  }

  /** Shows other certificates from the next connection on; those that are open stay. */
  setIdentities(identities: readonly TlsIdentity[]): void {
    this.#server.setSecureContext(contextOptions(identities, this.#options.legacy));
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const { raw } of this.#connections.values()) raw.destroy();
    await closed;
  }

  #arrive(raw: Socket): void {
    const key = keyOf(raw);
    const address = addressOf(raw.remoteAddress);
    raw.on('error', () => {}); // what went wrong is told by tlsClientError, or by the session
    if (this.#connections.size >= this.#options.connections && !this.#makeRoom()) {
      this.#tell('connection-refused', 'connection-limit', address, 'as many phones as allowed are connected');
      raw.destroy();
      return;
    }
    const connection: Connection = { raw, address, guest: undefined, refused: false };
    this.#connections.set(key, connection);
    raw.once('close', () => {
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
      // The error of a socket that is gone names no address any more, so this is told here.
      if (connection.guest === undefined) {
        this.#refuse(connection, 'tls-handshake', 'the far end closed the connection during the TLS handshake');
      }
    });
  }

  /** Sends the oldest away that has not proved who it is. */
  #makeRoom(): boolean {
    for (const [key, connection] of this.#connections) {
      if (connection.guest?.hasProved() === true) continue;
      this.#connections.delete(key);
      this.#refuse(
        connection,
        'connection-limit',
        'it had proved nothing yet, and its place was needed for a newcomer',
      );
      connection.raw.destroy();
      return true;
    }
    return false;
  }

  #admit(socket: TLSSocket): void {
    const connection = this.#connections.get(keyOf(socket));
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    socket.setNoDelay(true);
    connection.guest = this.#options.accept(socket, connection.address);
  }

  #refuse(connection: Connection, reason: ListenerReason, cause: string): void {
    if (connection.refused) return;
    connection.refused = true;
    this.#tell('connection-refused', reason, connection.address, cause);
  }

  #tell(kind: ListenerEvent['kind'], reason: ListenerReason, address: string, cause: string): void {
    this.#options.onEvent({ kind, service: this.#options.service, address, reason, cause });
  }
}

/** The TLS socket and the raw one under it have the same far end. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;
}

/** One name for one IPv4 address, however it came in (RFC 4291 §2.5.5.2). */
function addressOf(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
}

/** Forward secrecy and authenticated encryption only (RFC 9325 §4.2); the suites of TLS 1.3 are always there. */
const cipherSuites = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

function contextOptions(identities: readonly TlsIdentity[], legacy: boolean): SecureContextOptions {
  const shared = {
    cert: identities.map(({ chainPem }) => chainPem),
    key: identities.map(({ privateKeyPem }) => privateKeyPem.reveal()),
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  // OpenSSL takes TLS 1.0 and SHA-1 at its lowest security level only.
  if (legacy) return { ...shared, minVersion: 'TLSv1', ciphers: 'ALL:!aNULL:!eNULL:@SECLEVEL=0', ecdhCurve: 'auto' };
  return {
    ...shared,
    minVersion: 'TLSv1.2',
    ciphers: cipherSuites,
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
    honorCipherOrder: true,
  };
}
