import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { handshakeFailure } from './failures.ts';
import { HandshakeGate } from './handshake-gate.ts';
import { contextOptions, progressKey } from './tls-door.ts';

export interface WebSocketDoorOptions {
  readonly secureContextOptions: SecureContextOptions;
  /** Web origins (RFC 6454) whose pages may connect. */
  readonly origins: readonly string[];
  readonly handshakes: number;
  readonly handshakeTimeout: number;
  /** The largest message, in octets. */
  readonly maximumMessage: number;
}

/** One accepted connection on its way through the door. */
export interface WebSocketEntrant {
  readonly raw: Socket;
  readonly admit: (socket: WebSocket) => void;
  /** It was refused, in words of HTTP where it spoke that. */
  readonly refuse: (reason: string) => void;
}

/** The WebSocket subprotocol of SIP (RFC 7118 §4.1). */
const SUBPROTOCOL = 'sip';

/**
 * Turns raw connections into WebSockets over TLS (RFC 7118, RFC 6455). A browser sends whatever page asks it to, so that a
 * page is told by its origin, which no page can forge; who its user is, SIP's own digest proves. Nothing is compressed.
 */
export class WebSocketDoor {
  readonly #options: WebSocketDoorOptions;
  readonly #server: Server;
  readonly #upgrades: WebSocketServer;
  readonly #gate: HandshakeGate;
  readonly #progress = new Map<string, Pick<WebSocketEntrant, 'admit' | 'refuse'>>();

  constructor(options: WebSocketDoorOptions) {
    this.#options = options;
    this.#gate = new HandshakeGate(options.handshakes);
    this.#server = createServer({
      ...contextOptions(options.secureContextOptions),
      handshakeTimeout: options.handshakeTimeout,
    });
    this.#server.on('tlsClientError', (error, socket) => {
      this.#progress.get(progressKey(socket))?.refuse(handshakeFailure(error));
    });
    this.#server.on('request', (_, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close' }).end();
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const entrant = this.#progress.get(progressKey(socket as Socket));
      const refusal = this.#refusalOf(request.headers.origin, request.headers['sec-websocket-protocol']);
      if (entrant === undefined) socket.destroy();
      else if (refusal === undefined) this.#upgrades.handleUpgrade(request, socket, head, entrant.admit);
      else {
        answer(socket, refusal.status);
        entrant.refuse(refusal.reason);
      }
    });
    this.#upgrades = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: options.maximumMessage,
      handleProtocols: () => SUBPROTOCOL,
    });
  }

  /** New certificates or suites for connections from now on. */
  setSecureContext(options: SecureContextOptions): void {
    this.#server.setSecureContext(contextOptions(options));
  }

  take({ raw, admit, refuse }: WebSocketEntrant): void {
    const key = progressKey(raw);
    const { handshakeTimeout } = this.#options;
    let finished = false;
    const finish = (): boolean => {
      const isFirst = !finished;
      finished = true;
      clearTimeout(timer);
      this.#progress.delete(key);
      return isFirst;
    };
    const refused = (reason: string): void => {
      if (!finish()) return;
      setTimeout(() => raw.destroy(), lingering).unref();
      refuse(reason);
    };
    const timer = setTimeout(() => {
      refused(`it did not become a WebSocket within ${handshakeTimeout / 1_000} s`);
      raw.destroy();
    }, handshakeTimeout);
    timer.unref();
    raw.on('error', () => {});
    raw.once('close', () => refused('the far end closed the connection before it was a WebSocket'));
    this.#progress.set(key, {
      admit: (socket) => {
        if (finish()) admit(socket);
        else socket.terminate();
      },
      refuse: refused,
    });
    this.#gate.enter((release) => {
      raw.once('close', release);
      this.#server.emit('connection', raw);
      // The place is for the handshake alone; a browser asks for its WebSocket as soon as that is done.
      setTimeout(release, handshakeTimeout).unref();
    });
  }

  #refusalOf(
    origin: string | undefined,
    protocols: string | undefined,
  ): { status: string; reason: string } | undefined {
    if (origin === undefined || !this.#options.origins.includes(origin)) {
      const whose = origin === undefined ? 'it names no web origin' : `its page is of ${origin}`;
      return { status: '403 Forbidden', reason: `${whose}, which is none of the origins of this listener` };
    }
    // "The WebSocket Client MUST include the value "sip" in the Sec-WebSocket-Protocol header" (RFC 7118 §4.1).
    const offered = (protocols ?? '').split(',').map((one) => one.trim().toLowerCase());
    return offered.includes(SUBPROTOCOL)
      ? undefined
      : { status: '400 Bad Request', reason: 'it does not offer the WebSocket subprotocol sip' };
  }
}

/** How long a refusal may take to be read, in milliseconds. */
const lingering = 1_000;

function answer(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
