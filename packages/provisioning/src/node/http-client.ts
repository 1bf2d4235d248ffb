import { type IncomingMessage, type RequestOptions, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { FetchAnswer, FetchWay } from './fetch-file.ts';
import { codeOf } from './system-error.ts';

export interface HttpFetchOptions {
  readonly way: Exclude<FetchWay, { transport: 'tftp' }>;
  readonly address: string;
  /** As it was configured, for the Host header. */
  readonly host: string;
  readonly name: string;
  /** Milliseconds of silence that end it; 5 seconds when it is left out. */
  readonly timeout?: number;
  readonly fileSize?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

const defaultFileSize = 128 * 1_024 * 1_024;

/** Reads one file by HTTP or HTTPS. Redirections are not followed: a phone's files are where its server is. */
export function fetchFileByHttp(options: HttpFetchOptions): Promise<FetchAnswer> {
  const { way, address, name, timeout = 5_000 } = options;
  const path = `/${name.split('/').map(encodeURIComponent).join('/')}`;
  const common: RequestOptions = {
    host: address,
    port: way.port,
    path,
    agent: false,
    timeout,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    headers: { Host: hostText(options.host, way.port), Accept: '*/*' },
  };
  return new Promise((resolve) => {
    const failed = (reason: string): void => resolve({ kind: 'failed', reason });
    const request =
      way.transport === 'http'
        ? requestPlain(common)
        : requestSecure({
            ...common,
            ...way.tls,
            // The name in the certificate is the caller's to judge: phones go by trust lists, not by host names.
            checkServerIdentity: (_host, certificate) => {
              const reason = way.checkServer(new Uint8Array(certificate.raw));
              return reason === undefined ? undefined : new Error(reason);
            },
          });
    request.on('timeout', () => request.destroy(new Error('it does not answer in time')));
    request.on('error', (error) => failed(describe(error)));
    request.on('response', (response) => {
      void read(response, options.fileSize ?? defaultFileSize).then(resolve, (error) => failed(describe(error)));
    });
    request.end();
  });
}

async function read(response: IncomingMessage, fileSize: number): Promise<FetchAnswer> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.destroy();
    if (status === 404) return { kind: 'not-found' };
    // 5xx: the server itself says that this way does not work now.
    return { kind: status >= 500 ? 'failed' : 'refused', reason: `it answered with status ${status}` };
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Uint8Array>) {
    length += piece.byteLength;
    if (length > fileSize) {
      response.destroy();
      return { kind: 'refused', reason: `the file is larger than ${fileSize} octets` };
    }
    pieces.push(piece);
  }
  const content = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    content.set(piece, at);
    at += piece.byteLength;
  }
  return { kind: 'found', content };
}

function hostText(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function describe(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code !== 'no code') return `the connection failed (${code})`;
  return error instanceof Error ? error.message : 'the connection failed';
}
