/** Longest head of a message that is read, in octets. */
const LONGEST_HEAD = 64 << 10;
/** Longest line that tells the length of a chunk. */
const LONGEST_CHUNK_LINE = 1_024;

/** The head of a request or response: its first line, and its fields by their names in lower case. */
export interface HttpHead {
  readonly line: string;
  readonly fields: ReadonlyMap<string, string>;
}

export interface HttpObserver {
  /** Says whether a body follows: none after a HEAD, whatever its fields say. */
  head(head: HttpHead): { readonly hasBody: boolean };
  body(octets: Uint8Array): void;
  /** So many octets of a body are not in the capture. */
  bodyGap(octets: number): void;
  end(): void;
}

const latin1 = new TextDecoder('latin1');

/**
 * One side of a connection of HTTP/1 (RFC 9112): heads, and bodies as they are, chunks joined. Where the capture lacks octets
 * of a head it goes on with the next first line.
 */
export class HttpStream {
  readonly #observer: HttpObserver;
  #held = new Uint8Array(0);
  #state: 'head' | 'body' | 'chunk-line' | 'chunk' | 'trailer' | 'until-close' | 'lost' = 'head';
  #remaining = 0;

  constructor(observer: HttpObserver) {
    this.#observer = observer;
  }

  data(octets: Uint8Array): void {
    let rest = octets;
    while (rest.byteLength > 0) rest = this.#take(rest);
  }

  gap(octets: number): void {
    if (this.#state === 'until-close') this.#observer.bodyGap(octets);
    else if ((this.#state === 'body' || this.#state === 'chunk') && octets <= this.#remaining) {
      this.#observer.bodyGap(octets);
      this.#remaining -= octets;
      if (this.#remaining === 0) this.#filled();
    } else {
      this.#lose();
    }
  }

  ended(): void {
    if (this.#state === 'until-close') this.#observer.end();
    else if (this.#state !== 'head' && this.#state !== 'lost') this.#lose();
    this.#state = 'lost';
    this.#held = new Uint8Array(0);
  }

  /** Takes some of the octets, and gives what is left of them. */
  #take(octets: Uint8Array): Uint8Array {
    switch (this.#state) {
      case 'until-close':
        this.#observer.body(octets);
        return octets.subarray(octets.byteLength);
      case 'body':
      case 'chunk': {
        const taken = octets.subarray(0, this.#remaining);
        this.#observer.body(taken);
        this.#remaining -= taken.byteLength;
        if (this.#remaining === 0) this.#filled();
        return octets.subarray(taken.byteLength);
      }
      case 'lost':
        // What begins a message begins a segment, nearly always.
        if (!/^(?:HTTP\/1\.[01] \d{3}|[A-Z]{3,10} \S)/.test(latin1.decode(octets.subarray(0, 16)))) {
          return octets.subarray(octets.byteLength);
        }
        this.#state = 'head';
        return octets;
      default:
        return this.#takeLines(octets);
    }
  }

  #takeLines(octets: Uint8Array): Uint8Array {
    const before = this.#held.byteLength;
    const joined = new Uint8Array(before + octets.byteLength);
    joined.set(this.#held);
    joined.set(octets, before);
    const end = this.#state === 'head' ? endOfHead(joined) : endOfLine(joined);
    if (end === undefined) {
      const most = this.#state === 'head' ? LONGEST_HEAD : LONGEST_CHUNK_LINE;
      if (joined.byteLength > most) this.#lose();
      else this.#held = joined;
      return octets.subarray(octets.byteLength);
    }
    this.#held = new Uint8Array(0);
    const text = latin1.decode(joined.subarray(0, end));
    if (this.#state === 'head') this.#head(text);
    else if (this.#state === 'chunk-line') this.#chunkLine(text);
    else if (text.trim() === '') this.#done();
    return joined.subarray(end);
  }

  #head(text: string): void {
    const [line = '', ...lines] = text.trim().split(/\r?\n/);
    if (line === '') return;
    const fields = new Map<string, string>();
    for (const field of lines) {
      const colon = field.indexOf(':');
      if (colon > 0) fields.set(field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1).trim());
    }
    const { hasBody } = this.#observer.head({ line, fields });
    const length = Number(fields.get('content-length'));
    const isResponse = line.startsWith('HTTP/');
    if (!hasBody) this.#done();
    else if (/\bchunked\b/i.test(fields.get('transfer-encoding') ?? '')) this.#state = 'chunk-line';
    else if (Number.isSafeInteger(length) && length > 0) {
      this.#state = 'body';
      this.#remaining = length;
    } else if (isResponse && !fields.has('content-length')) this.#state = 'until-close';
    else this.#done();
  }

  #chunkLine(text: string): void {
    const line = text.trim();
    if (line === '') return;
    const length = /^[0-9a-f]{1,8}\b/i.exec(line)?.[0];
    if (length === undefined) {
      this.#lose();
      return;
    }
    this.#remaining = Number.parseInt(length, 16);
    this.#state = this.#remaining === 0 ? 'trailer' : 'chunk';
  }

  #filled(): void {
    if (this.#state === 'chunk') this.#state = 'chunk-line';
    else this.#done();
  }

  #done(): void {
    this.#observer.end();
    this.#state = 'head';
  }

  /** Octets are missing where they would be needed to go on. */
  #lose(): void {
    if (this.#state !== 'head' && this.#state !== 'lost') {
      this.#observer.bodyGap(1);
      this.#observer.end();
    }
    this.#state = 'lost';
    this.#held = new Uint8Array(0);
  }
}

/** Where the head ends, behind its empty line. */
function endOfHead(octets: Uint8Array): number | undefined {
  for (let at = octets.indexOf(10); at >= 0; at = octets.indexOf(10, at + 1)) {
    if (octets[at + 1] === 10) return at + 2;
    if (octets[at + 1] === 13 && octets[at + 2] === 10) return at + 3;
  }
  return undefined;
}

function endOfLine(octets: Uint8Array): number | undefined {
  const at = octets.indexOf(10);
  return at < 0 ? undefined : at + 1;
}
