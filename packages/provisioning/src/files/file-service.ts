import { type FileNameResult, type FileTransport, parseFileName } from './file-name.ts';
import type { FileAnswer, FileRefusalCause, FileSource, FoundFile } from './file-source.ts';

/** One who asks, as the events name it. */
export interface FileClient {
  readonly transport: FileTransport;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** What operators may want to know about files. Names are shown without control characters and cut. */
export type FileEvent =
  | (FileClient & {
      readonly kind: 'file-served';
      readonly name: string;
      readonly octets: number;
      /** Of the file that was served, as its source named it. */
      readonly version: string;
      /** TFTP: blocks that were sent more than once, a sign of a bad network. */
      readonly retransmittedBlocks: number | undefined;
    })
  | (FileClient & {
      readonly kind: 'file-refused';
      readonly name: string;
      /** `not-found` is normal while a phone without security boots: it asks for each trust list that there might be. */
      readonly cause: FileRefusalCause | 'not-found' | 'write' | 'bad-mode' | 'bad-request';
      readonly reason: string;
    })
  /** It was being served, and did not arrive whole. */
  | (FileClient & {
      readonly kind: 'file-not-delivered';
      readonly name: string;
      readonly cause: 'no-answer' | 'peer-error' | 'protocol' | 'too-slow' | 'closed-by-peer';
      readonly reason: string;
    });

export interface FileServiceOptions {
  readonly source: FileSource;
  readonly onEvent: (event: FileEvent) => void;
  /** The largest file that is served, in octets. */
  readonly fileSize?: number;
}

/** What a server does with a request: the file, or an answer without one. */
export type FileServiceAnswer =
  | { readonly kind: 'found'; readonly file: FoundFile }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'refused'; readonly cause: FileRefusalCause };

const defaultFileSize = 128 * 1_024 * 1_024;

/**
 * What stands between every server and the source: names are judged before anything is asked for, and a file that holds a
 * secret leaves in no other form than encrypted. The servers know no source, only this.
 */
export class FileService {
  readonly #source: FileSource;
  readonly #onEvent: (event: FileEvent) => void;
  readonly #fileSize: number;

  constructor(options: FileServiceOptions) {
    this.#source = options.source;
    this.#onEvent = options.onEvent;
    this.#fileSize = options.fileSize ?? defaultFileSize;
  }

  /** Finds a file. A refusal, and a file that is not there, have been told as an event; it never rejects. */
  async find(client: FileClient, name: string): Promise<FileServiceAnswer> {
    const parsed = parseFileName(name);
    if (!parsed.ok) return this.#refuse(client, name, 'bad-name', parsed.reason);
    let answer: FileAnswer;
    try {
      const { transport, remoteAddress } = client;
      answer = await this.#source.find({ name, transport, remoteAddress });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no code';
      return this.#refuse(client, name, 'failed', `the file could not be made or read (${code})`);
    }
    if (answer.kind === 'not-found') {
      this.refused(client, name, 'not-found', 'there is no such file');
      return answer;
    }
    if (answer.kind === 'refused') return this.#refuse(client, name, answer.cause, answer.reason);
    if (!mayLeave(parsed, answer.file)) {
      const reason = 'it holds a secret, and is not encrypted for its device';
      return this.#refuse(client, name, 'not-encrypted', reason);
    }
    if (answer.file.content.byteLength > this.#fileSize) {
      return this.#refuse(client, name, 'too-large', `it is larger than ${this.#fileSize} octets`);
    }
    return answer;
  }

  /** For servers: a request that got no file. */
  refused(
    client: FileClient,
    name: string,
    cause: Extract<FileEvent, { kind: 'file-refused' }>['cause'],
    reason: string,
  ): void {
    this.#onEvent({ kind: 'file-refused', ...client, name: shownName(name), cause, reason });
  }

  /** For servers: a file that arrived whole, as far as the transport can tell. */
  served(client: FileClient, name: string, octets: number, version: string, retransmittedBlocks?: number): void {
    this.#onEvent({ kind: 'file-served', ...client, name: shownName(name), octets, version, retransmittedBlocks });
  }

  /** For servers: a file that did not arrive whole. */
  notDelivered(
    client: FileClient,
    name: string,
    cause: Extract<FileEvent, { kind: 'file-not-delivered' }>['cause'],
    reason: string,
  ): void {
    this.#onEvent({ kind: 'file-not-delivered', ...client, name: shownName(name), cause, reason });
  }

  #refuse(client: FileClient, name: string, cause: FileRefusalCause, reason: string): FileServiceAnswer {
    this.refused(client, name, cause, reason);
    return { kind: 'refused', cause };
  }
}

/** A secret leaves encrypted, and what leaves under the name of an encrypted file is encrypted. */
function mayLeave(parsed: Extract<FileNameResult, { ok: true }>, found: FoundFile): boolean {
  const { file } = parsed;
  const asksEncrypted = file.kind === 'configuration' && file.form === 'encrypted';
  if (found.sensitivity === 'secret') return false;
  return asksEncrypted === (found.sensitivity === 'encrypted');
}

function shownName(name: string): string {
  return name.slice(0, 255).replace(/[^\u0020-\u007e]/g, '?');
}
