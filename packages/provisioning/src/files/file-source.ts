import type { FileTransport } from './file-name.ts';

/** Who asks for what, and how. */
export interface FileRequest {
  /** As `parseFileName` let it pass. */
  readonly name: string;
  /** An IP address without port. */
  readonly remoteAddress: string;
  /** On `https` a phone that asks for `….sgn` is given the file without its signature; see `formToServe`. */
  readonly transport: FileTransport;
}

/**
 * How much a file gives away:
 * `none`: nothing that is secret; `encrypted`: secrets that only the device's own key opens; `secret`: secrets for
 * whoever reads it, which is never served, by no transport: none of them proves who asks.
 */
export type FileSensitivity = 'none' | 'encrypted' | 'secret';

export interface FoundFile {
  /** Never changed once it is given out. */
  readonly content: Uint8Array;
  /** A media type, for HTTP. */
  readonly contentType: string;
  /** Says when a file is another one: it becomes the entity tag of HTTP. Printable ASCII without quotes. */
  readonly version: string;
  readonly sensitivity: FileSensitivity;
}

/** Why a file that may well exist is not given. */
export type FileRefusalCause =
  /** The name breaks a rule of `parseFileName`. */
  | 'bad-name'
  /** It holds a secret in a form that anybody could read. */
  | 'not-encrypted'
  /** The source does not give it to this device or address. */
  | 'not-allowed'
  /** It leads out of the folder, or is no file. */
  | 'outside'
  /** It is larger than what is served. */
  | 'too-large'
  /** Too many requests or transfers at once. */
  | 'overload'
  /** The source failed; the reason names what the operator must look at. */
  | 'failed';

export type FileAnswer =
  | { readonly kind: 'found'; readonly file: FoundFile }
  | { readonly kind: 'not-found' }
  /** `reason` is for operators; the one who asks learns only that it is refused. */
  | { readonly kind: 'refused'; readonly cause: FileRefusalCause; readonly reason: string };

/** Where files come from. Files for one device are made when they are asked for. */
export interface FileSource {
  find(request: FileRequest): Promise<FileAnswer>;
}

/** A source that can tell quickly which version it would give, so that its files can be kept by a cache. */
export interface VersionedFileSource extends FileSource {
  /**
   * The version that `find` would give for the same request. Undefined when it would find nothing or refuse, or when the
   * file must be made anew each time: then `find` is asked and its answer is not kept.
   */
  version(request: FileRequest): Promise<string | undefined>;
}

/** Asks one source after another, the files of devices before those of everybody; the first that knows the file decides. */
export class CombinedFileSource implements FileSource {
  readonly #sources: readonly FileSource[];

  constructor(sources: readonly FileSource[]) {
    this.#sources = sources;
  }

  async find(request: FileRequest): Promise<FileAnswer> {
    for (const source of this.#sources) {
      const answer = await source.find(request);
      if (answer.kind !== 'not-found') return answer;
    }
    return { kind: 'not-found' };
  }
}
