import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { FileClient, FileService } from '../files/file-service.ts';
import { nameOfTarget } from '../files/request-target.ts';
import { plainAddress } from './datagram-socket.ts';
import { type ListenAddress, listenFailure } from './listen-failure.ts';

export const defaultHttpPort = 6970;
export const defaultHttpsPort = 6971;

/** What HTTP clients may cost. Times are milliseconds. */
export interface HttpFileLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** From the connection, or the end of the request before, to the end of the head of a request. */
  readonly headTimeout: number;
  /** Silence on a connection while it is asked nothing. */
  readonly keepAliveTimeout: number;
  /** A reader that takes nothing for so long is cut off. */
  readonly stalledTimeout: number;
  readonly requestsPerConnection: number;
}

export const defaultHttpFileLimits: HttpFileLimits = {
  connections: 2_000,
  connectionsPerAddress: 64,
  headTimeout: 10_000,
  keepAliveTimeout: 5_000,
  stalledTimeout: 30_000,
  requestsPerConnection: 100,
};

export interface HttpFileServerOptions {
  readonly service: FileService;
  readonly host: string;
  /** 6970, or 6971 with `tls`, when it is left out; 0 takes any. */
  readonly port?: number;
  /** Certificate and key; with them it is HTTPS. */
  readonly tls?: SecureContextOptions;
  readonly limits?: HttpFileLimits;
}

/** Serves files by HTTP, and by HTTPS with `tls`. It knows GET and HEAD. */
export class HttpFileServer {
  readonly #server: Server | SecureServer;
  readonly #secure: SecureServer | undefined;
  readonly #service: FileService;
  readonly #limits: HttpFileLimits;
  readonly #connections = new Map<string, number>();
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly local: ListenAddress;

  /**
   * @throws {TrustlineError} `provisioning.port-in-use`, `provisioning.port-not-allowed`, `provisioning.no-such-address`
   *   or `provisioning.listen-failed`.
   */
  static async open(options: HttpFileServerOptions): Promise<HttpFileServer> {
    const secure = options.tls === undefined ? undefined : createSecureServer(options.tls);
    const server = secure ?? createServer();
    const port = options.port ?? (secure === undefined ? defaultHttpPort : defaultHttpsPort);
    const where = { host: options.host, port };
    try {
      server.listen(port, options.host);
      await once(server, 'listening');
    } catch (cause) {
      throw listenFailure(secure === undefined ? 'HTTP' : 'HTTPS', where, cause);
    }
    return new HttpFileServer(server, secure, options);
  }

  private constructor(server: Server | SecureServer, secure: SecureServer | undefined, options: HttpFileServerOptions) {
    this.#server = server;
    this.#secure = secure;
    this.#service = options.service;
    this.#limits = options.limits ?? defaultHttpFileLimits;
    this.local = { host: options.host, port: (server.address() as AddressInfo).port };
    const { connections, headTimeout, keepAliveTimeout, stalledTimeout, requestsPerConnection } = this.#limits;
    server.maxConnections = connections;
    server.headersTimeout = headTimeout;
    server.requestTimeout = headTimeout;
    server.keepAliveTimeout = keepAliveTimeout;
    server.maxRequestsPerSocket = requestsPerConnection;
    server.setTimeout(stalledTimeout);
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
  }

  /** Serves another certificate from the next handshake on; connections that are there stay. */
  renew(tls: SecureContextOptions): void {
    this.#secure?.setSecureContext(tls);
  }

  /** Stops, cutting off who is still being served. */
  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #admit(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const already = this.#connections.get(address) ?? 0;
    if (already >= this.#limits.connectionsPerAddress) {
      socket.destroy();
      return;
    }
    this.#connections.set(address, already + 1);
    socket.once('close', () => {
      const left = (this.#connections.get(address) ?? 0) - 1;
      if (left > 0) this.#connections.set(address, left);
      else this.#connections.delete(address);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client: FileClient = {
      transport: this.#secure === undefined ? 'http' : 'https',
      remoteAddress: plainAddress(request.socket.remoteAddress ?? ''),
      remotePort: request.socket.remotePort ?? 0,
    };
    const target = request.url ?? '';
    // Nothing that we answer needs a body: one that comes is not read, and takes the connection with it.
    if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
      response.setHeader('Connection', 'close');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const cause = request.method === 'PUT' || request.method === 'POST' ? 'write' : 'bad-request';
      this.#service.refused(client, target, cause, 'only GET and HEAD are answered');
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405);
      return;
    }
    const name = nameOfTarget(target);
    if (name === undefined) {
      this.#service.refused(client, target, 'bad-request', 'the target is no plain path of a file');
      refuse(response, 400);
      return;
    }
    const answer = await this.#service.find(client, name);
    if (answer.kind !== 'found') {
      refuse(response, statusOf(answer));
      return;
    }
    const { content, contentType, version } = answer.file;
    response.writeHead(200, {
      'Content-Type': contentType,
      'Content-Length': content.byteLength,
      ETag: `"${version}"`,
      'X-Content-Type-Options': 'nosniff',
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    response.once('close', () => {
      if (response.writableFinished) this.#service.served(client, name, content.byteLength, version);
      else this.#service.notDelivered(client, name, 'closed-by-peer', 'the connection ended before the file did');
    });
    response.end(content);
  }
}

function statusOf(answer: Exclude<Awaited<ReturnType<FileService['find']>>, { kind: 'found' }>): number {
  if (answer.kind === 'not-found') return 404;
  if (answer.cause === 'bad-name') return 400;
  return answer.cause === 'overload' || answer.cause === 'failed' ? 503 : 403;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
}
