import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { SipHostPort } from '../flow.ts';
import { handshakeFailure, notTls } from './failures.ts';
import { HandshakeGate } from './handshake-gate.ts';
import { judgeConnection, type TlsFacts, type TlsJudge, tlsFacts } from './tls-judgement.ts';

export interface TlsDoorOptions<Peer> {
  /**
   * Our certificates and keys (`cert` and `key` take arrays: RSA and ECDSA side by side), versions and
   * suites as node:tls names them. TLS 1.2 is the oldest version unless `minVersion` says otherwise.
   */
  readonly secureContextOptions: SecureContextOptions;
  readonly judge: TlsJudge<Peer>;
  readonly handshakes: number;
  readonly handshakeTimeout: number;
}

/** One accepted connection on its way through the door. */
export interface Entrant<Peer> {
  readonly raw: Socket;
  readonly local: SipHostPort;
  readonly remote: SipHostPort;
  /** It speaks TLS and waits for its turn, or its turn has come. */
  readonly waits: (isWaiting: boolean) => void;
  /** The judge let it in; nothing has been read from the socket yet. */
  readonly admit: (socket: TLSSocket, peer: Peer, facts: TlsFacts) => void;
  /** It was refused and is destroyed; nothing was answered. */
  readonly refuse: (reason: string) => void;
}

/** A phone waits less for us before it tries again; whoever waits longer is not there any more. In milliseconds. */
const longestWait = 120_000;
const unfinished = 'it did not finish the TLS handshake';

/** A TLS record of the handshake begins with it; so does every TLS connection. */
const handshakeRecord = 22;

/**
 * Turns raw connections into judged ones.
 *
 * node:tls is told to ask for a certificate and to reject nothing, because it would not say why; the
 * judge decides after the handshake and before a byte is read or answered. Sessions are never resumed
 * (no tickets, no session store), so that every connection shows its certificate and is judged afresh.
 */
export class TlsDoor<Peer> {
  readonly #options: TlsDoorOptions<Peer>;
  readonly #server: Server;
  readonly #gate: HandshakeGate;
  /** What waits for the outcome of a handshake in progress, by the addresses of the connection. */
  readonly #progress = new Map<string, (outcome: TLSSocket | Error) => void>();

  constructor(options: TlsDoorOptions<Peer>) {
    this.#options = options;
    this.#gate = new HandshakeGate(options.handshakes);
    this.#server = createServer({
      ...contextOptions(options.secureContextOptions),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: options.handshakeTimeout,
    });
    this.#server.on('secureConnection', (socket) => this.#settle(socket, socket));
    this.#server.on('tlsClientError', (error, socket) => this.#settle(socket, error));
  }

  /** New certificates, trust or suites for connections from now on. */
  setSecureContext(options: SecureContextOptions): void {
    this.#server.setSecureContext(contextOptions(options));
  }

  take(entrant: Entrant<Peer>): void {
    const { raw } = entrant;
    const key = progressKey(raw);
    let finished = false;
    const refuse = (reason: string): void => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      raw.destroy();
      entrant.refuse(reason);
    };
    const limit = (milliseconds: number, what: string): NodeJS.Timeout =>
      setTimeout(() => refuse(`${what} within ${milliseconds / 1_000} s`), milliseconds).unref();
    const { handshakeTimeout } = this.#options;
    let timer = limit(handshakeTimeout, unfinished);
    raw.on('error', () => {});
    raw.once('close', () => refuse('the far end closed the connection before the TLS handshake was over'));
    const begin = (release: () => void): void => {
      if (finished) {
        release();
        return;
      }
      // What it has waited for us is not its fault.
      clearTimeout(timer);
      timer = limit(handshakeTimeout, unfinished);
      entrant.waits(false);
      this.#progress.set(key, (outcome) => {
        release();
        if (outcome instanceof Error) {
          refuse(handshakeFailure(outcome));
          return;
        }
        const facts = tlsFacts(outcome, entrant.local, entrant.remote);
        void judgeConnection(this.#options.judge, outcome, facts).then((judgement) => {
          if (finished) return;
          if (!judgement.accepted) {
            outcome.destroy();
            refuse(judgement.reason);
            return;
          }
          finished = true;
          clearTimeout(timer);
          entrant.admit(outcome, judgement.peer, facts);
        });
      });
      raw.once('close', () => {
        release();
        this.#progress.delete(key);
      });
      this.#server.emit('connection', raw);
    };
    // Only a client that has begun to speak TLS takes a place in the gate.
    const firstOctets = (): void => {
      const first: Uint8Array | null = raw.read();
      if (first === null) {
        if (!finished) raw.once('readable', firstOctets);
        return;
      }
      if (first[0] !== handshakeRecord) {
        refuse(notTls(first));
        return;
      }
      raw.unshift(first);
      clearTimeout(timer);
      timer = limit(longestWait, 'there was no time for its TLS handshake');
      entrant.waits(true);
      this.#gate.enter(begin);
    };
    raw.once('readable', firstOctets);
  }

  #settle(socket: TLSSocket, outcome: TLSSocket | Error): void {
    const key = progressKey(socket);
    const settle = this.#progress.get(key);
    this.#progress.delete(key);
    if (settle === undefined) socket.destroy();
    else settle(outcome);
  }
}

/** The TLS socket and the raw one under it have the same ends. */
export function progressKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
}

export function contextOptions(options: SecureContextOptions): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...options,
    // Without tickets and without a session store there is nothing to resume a session from.
    secureOptions: (options.secureOptions ?? 0) | constants.SSL_OP_NO_TICKET,
  };
}
