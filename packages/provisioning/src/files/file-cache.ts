import type { FileAnswer, FileRequest, FileSource, FoundFile, VersionedFileSource } from './file-source.ts';

export interface FileCacheLimits {
  /** Octets of content that are kept. A file of more than a quarter of it is never kept. */
  readonly octets: number;
  readonly files: number;
}

export const defaultFileCacheLimits: FileCacheLimits = { octets: 256 * 1_024 * 1_024, files: 10_000 };

interface Kept {
  readonly file: FoundFile;
  readonly version: string;
}

/**
 * Keeps what a source has made, by name and version, and lets the longest unused go first. Requests for the same file that
 * come while it is being made wait for that one: a thousand phones that ask for one firmware have it read once.
 */
export class FileCache implements FileSource {
  readonly #source: VersionedFileSource;
  readonly #limits: FileCacheLimits;
  /** In order of their last use. */
  readonly #kept = new Map<string, Kept>();
  readonly #making = new Map<string, Promise<FileAnswer>>();
  #octets = 0;
  /** Rises with each invalidation: what was begun before it is not kept. */
  #generation = 0;

  constructor(source: VersionedFileSource, limits: FileCacheLimits = defaultFileCacheLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  get size(): { readonly octets: number; readonly files: number } {
    return { octets: this.#octets, files: this.#kept.size };
  }

  async find(request: FileRequest): Promise<FileAnswer> {
    const version = await this.#source.version(request);
    if (version === undefined) return this.#source.find(request);
    // The form of a file depends on the transport.
    const key = `${request.transport} ${request.name}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.version === version) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return { kind: 'found', file: kept.file };
    }
    const makingKey = `${this.#generation} ${version} ${key}`;
    const making = this.#making.get(makingKey) ?? this.#make(makingKey, key, version, request);
    return making;
  }

  /** Forgets a file in all its forms, or everything. Call it when what a file is made of has changed and its version has not. */
  invalidate(name?: string): void {
    this.#generation += 1;
    for (const key of [...this.#kept.keys()]) {
      if (name === undefined || key.slice(key.indexOf(' ') + 1) === name) this.#drop(key);
    }
  }

  #make(makingKey: string, key: string, version: string, request: FileRequest): Promise<FileAnswer> {
    const generation = this.#generation;
    const making = this.#source
      .find(request)
      .then((answer) => {
        if (answer.kind === 'found' && generation === this.#generation) this.#keep(key, version, answer.file);
        return answer;
      })
      .finally(() => this.#making.delete(makingKey));
    this.#making.set(makingKey, making);
    return making;
  }

  #keep(key: string, version: string, file: FoundFile): void {
    // It changed between the two questions: the next request will make it again and know its version.
    if (file.version !== version) return;
    const { octets, files } = this.#limits;
    this.#drop(key);
    if (file.content.byteLength > octets / 4) return;
    this.#kept.set(key, { file, version });
    this.#octets += file.content.byteLength;
    for (const oldest of this.#kept.keys()) {
      if (this.#octets <= octets && this.#kept.size <= files) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#octets -= kept.file.content.byteLength;
  }
}
