import { gunzipSync, inflateSync } from 'node:zlib';
import type { DisclosureKind } from '../../model/disclosure.ts';
import type { Observations } from '../../model/observations.ts';
import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import type { ConnectionContext, ConnectionReader, Recognition } from '../reader.ts';
import { Recent } from '../recent.ts';
import { isConfigurationName, isInteresting, LONGEST_FILE, readFile } from './files.ts';
import { type HttpHead, HttpStream } from './http-stream.ts';
import { findSecrets, namesSecret } from './secrets.ts';

/** Requests of one connection whose answers are awaited, and credentials that are remembered of a capture. */
const MOST_REQUESTS = 256;
const MOST_CREDENTIALS = 10_000;
/** Longest head that is waited for to know what it is. */
const LONGEST_BEGINNING = 16_384;
/** Longest body of a request that is searched for passwords. */
const LONGEST_FORM = 64 << 10;

const methods = 'GET HEAD POST PUT DELETE OPTIONS PATCH PROPFIND CONNECT TRACE'.split(' ');
const requestLine = /^([A-Z]{3,10}) (\S{1,8192}) HTTP\/1\.[01]$/;
const latin1 = new TextDecoder('latin1');

/** Whether a side begins with a request or a response of HTTP/1, and does not become SIP over WebSocket with it. */
export function recogniseHttp(octets: Uint8Array): Recognition {
  const text = latin1.decode(octets.subarray(0, LONGEST_BEGINNING));
  const beginnings = ['HTTP/1.', ...methods.map((method) => `${method} `)];
  if (!beginnings.some((one) => one.startsWith(text) || text.startsWith(one))) return 'no';
  const end = text.search(/\r?\n/);
  if (end < 0) return text.length < LONGEST_BEGINNING ? 'more' : 'no';
  const line = text.slice(0, end);
  if (!requestLine.test(line) && !/^HTTP\/1\.[01] \d{3}/.test(line)) return 'no';
  const whole = /\r?\n\r?\n/.test(text);
  if (!whole && text.length < LONGEST_BEGINNING) return 'more';
  return /^Sec-WebSocket-Protocol[ \t]*:.*\bsips?\b/im.test(text) ? 'no' : 'yes';
}

interface Request {
  readonly method: string;
  readonly target: string;
}

/** A body that is collected, as far as it may tell something. */
class Body {
  readonly #pieces: Uint8Array[] = [];
  readonly #most: number;
  #length = 0;
  isWhole = true;

  constructor(most: number) {
    this.#most = most;
  }

  add(octets: Uint8Array): void {
    if (this.#length + octets.byteLength > this.#most) {
      this.isWhole = false;
      return;
    }
    this.#pieces.push(octets.slice());
    this.#length += octets.byteLength;
  }

  octets(): Uint8Array {
    const octets = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      octets.set(piece, at);
      at += piece.byteLength;
    }
    return octets;
  }
}

const credentialsOf = new WeakMap<Observations, Recent<true>>();

/** Reads HTTP/1: what phones fetch, and the passwords that go with it. */
export class HttpConnection implements ConnectionReader {
  readonly #context: ConnectionContext;
  readonly #streams: { readonly client: HttpStream; readonly server: HttpStream };
  readonly #requests: Request[] = [];
  readonly #told: Recent<true>;
  readonly #begun: { client?: { readonly head: HttpHead; readonly body: Body }; server?: Answer } = {};
  #place: PacketPlace = { number: 0, microseconds: 0 };

  constructor(context: ConnectionContext) {
    this.#context = context;
    this.#told = credentialsOf.get(context.observations) ?? new Recent(MOST_CREDENTIALS);
    credentialsOf.set(context.observations, this.#told);
    this.#streams = {
      client: new HttpStream({
        head: (head) => this.#request(head),
        body: (octets) => this.#begun.client?.body.add(octets),
        bodyGap: () => this.#cut(this.#begun.client?.body),
        end: () => this.#requestEnds(),
      }),
      server: new HttpStream({
        head: (head) => this.#response(head),
        body: (octets) => this.#begun.server?.body.add(octets),
        bodyGap: () => this.#cut(this.#begun.server?.body),
        end: () => this.#responseEnds(),
      }),
    };
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#place = place;
    this.#streams[from].data(octets);
  }

  gap(from: ConnectionSide, octets: number, place: PacketPlace): void {
    this.#place = place;
    this.#streams[from].gap(octets);
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    this.#place = place;
    this.#streams[from].ended();
  }

  #cut(body: Body | undefined): void {
    if (body !== undefined) body.isWhole = false;
  }

  #request(head: HttpHead): { readonly hasBody: boolean } {
    const [, method = '', target = ''] = requestLine.exec(head.line) ?? [];
    if (this.#requests.length < MOST_REQUESTS) this.#requests.push({ method, target });
    this.#begun.client = { head, body: new Body(LONGEST_FORM) };
    for (const name of ['authorization', 'proxy-authorization']) this.#credentials(head.fields.get(name) ?? '');
    const query = target.split('?', 2)[1];
    if (query !== undefined) this.#parameters(query, 'in the address of a page');
    return { hasBody: true };
  }

  #requestEnds(): void {
    const begun = this.#begun.client;
    if (begun === undefined) return;
    delete this.#begun.client;
    const type = begun.head.fields.get('content-type') ?? '';
    const octets = begun.body.octets();
    if (octets.byteLength === 0) return;
    const text = latin1.decode(octets);
    if (/urlencoded/i.test(type)) this.#parameters(text, 'in a form');
    else if (/json|xml|plain/i.test(type)) {
      for (const { name, value, user } of findSecrets(text)) this.#password(user, `${name}, in a request`, value);
    }
  }

  #parameters(text: string, where: string): void {
    let user: string | undefined;
    for (const part of text.split('&', MOST_REQUESTS)) {
      const [name = '', value = ''] = part.split('=', 2).map(decoded);
      if (/^(?:user\w*|login|name|account|uid)$/i.test(name)) user = value;
      if (value !== '' && namesSecret(name)) this.#password(user, `${boundedText(name)}, ${where}`, value);
    }
  }

  #credentials(value: string): void {
    if (/^basic\s/i.test(value)) {
      const [user, password] = basic(value.slice(6)) ?? [];
      if (password !== undefined && password !== '') this.#password(user, 'Basic authentication', password);
      return;
    }
    if (!/^digest\s/i.test(value)) return;
    const user = /\busername\s*=\s*"([^"]{1,256})"/i.exec(value)?.[1];
    const algorithm = /\balgorithm\s*=\s*"?([\w-]{1,32})/i.exec(value)?.[1] ?? 'MD5';
    if (user !== undefined) this.#disclose('crackable-digest', user, `HTTP digest, ${algorithm}`);
  }

  #password(user: string | undefined, detail: string, secret: string): void {
    this.#disclose('clear-password', boundedText(user) ?? this.#context.server.address, detail, secret);
  }

  #disclose(kind: DisclosureKind, subject: string, detail: string, secret?: string): void {
    const { client, server, exposure, observations } = this.#context;
    const place = this.#place;
    if (!this.#told.add(`${kind} ${server.address} ${server.port} ${subject} ${detail}`, true)) return;
    const revealed = secret === undefined ? {} : { secret: boundedText(secret) ?? '' };
    const told = { kind, place, protocol: 'http', from: client, to: server, exposure, subject, detail };
    observations.disclose({ ...told, ...revealed });
  }

  #response(head: HttpHead): { readonly hasBody: boolean } {
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.line)?.[1]);
    const isInterim = status < 200;
    const request = isInterim ? undefined : this.#requests.shift();
    const type = head.fields.get('content-type') ?? '';
    const mayTell =
      status === 200 &&
      request !== undefined &&
      isInteresting(request.target) &&
      (isConfigurationName(request.target) || !/^(?:image|audio|video|font)\/|html|javascript|css/i.test(type));
    this.#begun.server = { head, request, place: this.#place, body: new Body(mayTell ? LONGEST_FILE : 0) };
    const hasBody = !isInterim && status !== 204 && status !== 304 && request?.method !== 'HEAD';
    return { hasBody };
  }

  #responseEnds(): void {
    const begun = this.#begun.server;
    if (begun === undefined) return;
    delete this.#begun.server;
    const { body, request, head, place } = begun;
    const raw = body.octets();
    if (request === undefined || raw.byteLength === 0) return;
    const octets = inflated(raw, head.fields.get('content-encoding') ?? '');
    if (octets === undefined) return;
    const { client, server } = this.#context;
    const { isWhole } = body;
    readFile(
      { name: request.target, octets, isWhole, protocol: 'http', from: server, to: client, place },
      this.#context,
    );
  }
}

interface Answer {
  readonly head: HttpHead;
  readonly request: Request | undefined;
  readonly place: PacketPlace;
  readonly body: Body;
}

function basic(text: string): readonly [string, string] | undefined {
  try {
    const credentials = atob(text.trim().slice(0, LONGEST_BEGINNING));
    const colon = credentials.indexOf(':');
    return colon < 0 ? undefined : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** A body without its compression, no longer than a file may be; undefined where it cannot be undone. */
function inflated(octets: Uint8Array, encoding: string): Uint8Array | undefined {
  try {
    if (/^(?:x-)?gzip$/i.test(encoding)) return gunzipSync(octets, { maxOutputLength: LONGEST_FILE });
    if (/^deflate$/i.test(encoding)) return inflateSync(octets, { maxOutputLength: LONGEST_FILE });
    return encoding === '' || /^identity$/i.test(encoding) ? octets : undefined;
  } catch {
    return undefined;
  }
}
