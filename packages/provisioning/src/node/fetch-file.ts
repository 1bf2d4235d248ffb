import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { fetchFileByHttp } from './http-client.ts';
import { fetchFileByTftp } from './tftp-client.ts';

/** What became of asking one server for one file. */
export type FetchAnswer =
  | { readonly kind: 'found'; readonly content: Uint8Array }
  | { readonly kind: 'not-found' }
  /** The server is there and gives no file: `reason` says what it said. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No answer, or only a part of the file: another way may still work. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One way to ask. */
export type FetchWay =
  | { readonly transport: 'http'; readonly port: number }
  | {
      readonly transport: 'https';
      readonly port: number;
      /** Whom to believe. The certificate is judged by these alone; its names are left to the caller's `checkServer`. */
      readonly tls: SecureContextOptions;
      /** Gets the server's certificate (DER) and says why it is not believed, or undefined. */
      readonly checkServer: (certificate: Uint8Array) => string | undefined;
    }
  | { readonly transport: 'tftp'; readonly port: number };

/** As newer phones do: HTTP on 6970 first, then TFTP. */
export const phoneFetchOrder: readonly FetchWay[] = [
  { transport: 'http', port: 6970 },
  { transport: 'tftp', port: 69 },
];

export interface FetchFileOptions {
  /** A name or an address. */
  readonly host: string;
  readonly name: string;
  readonly order?: readonly FetchWay[];
  /** Milliseconds for a connection by HTTP, and then for each silence. */
  readonly timeout?: number;
  /** The largest file that is taken, in octets. */
  readonly fileSize?: number;
  /** Gives up; the answer is `failed`. */
  readonly signal?: AbortSignal;
}

/** What was asked before the answer came, and by which way it came. */
export interface FetchResult {
  readonly answer: FetchAnswer;
  /** The way of the answer; the last one when all failed. */
  readonly way: FetchWay;
  readonly failures: readonly { readonly way: FetchWay; readonly reason: string }[];
}

/**
 * Asks for a file by one way after the other. An answer is an answer, also "not found": the next way is tried only when
 * nobody answers. (Documents say that phones try HTTP and then TFTP, not what they do after an HTTP 404; as both are doors
 * of the same server, a second question would have the same answer.)
 *
 * @throws {TypeError} when `order` is empty.
 */
export async function fetchFile(options: FetchFileOptions): Promise<FetchResult> {
  const order = options.order ?? phoneFetchOrder;
  const failures: { way: FetchWay; reason: string }[] = [];
  let address: string;
  try {
    address = await addressOf(options.host);
  } catch {
    const reason = 'the name of the server leads to no address';
    return { answer: { kind: 'failed', reason }, way: wayAt(order, 0), failures };
  }
  for (const way of order) {
    const answer = await askBy(way, address, options);
    if (answer.kind !== 'failed') return { answer, way, failures };
    failures.push({ way, reason: answer.reason });
    if (options.signal?.aborted === true) break;
  }
  const reason = failures.at(-1)?.reason ?? '';
  return { answer: { kind: 'failed', reason }, way: wayAt(order, -1), failures };
}

function askBy(way: FetchWay, address: string, options: FetchFileOptions): Promise<FetchAnswer> {
  const { name, host, timeout, fileSize, signal } = options;
  const common = {
    address,
    name,
    ...(fileSize === undefined ? {} : { fileSize }),
    ...(signal === undefined ? {} : { signal }),
  };
  if (way.transport === 'tftp') return fetchFileByTftp({ ...common, port: way.port });
  return fetchFileByHttp({ ...common, way, host, ...(timeout === undefined ? {} : { timeout }) });
}

async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  const { address } = await lookup(host);
  return address;
}

function wayAt(order: readonly FetchWay[], index: number): FetchWay {
  const way = order.at(index);
  if (way === undefined) throw new TypeError('fetchFile needs at least one way to ask');
  return way;
}
