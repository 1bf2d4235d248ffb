import { constants, type Stats } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { TrustlineError } from '@trustline/base';
import { contentTypeOf } from '../files/content-type.ts';
import { parseFileName } from '../files/file-name.ts';
import type { FileAnswer, FileRequest, VersionedFileSource } from '../files/file-source.ts';
import { codeOf } from './system-error.ts';

/**
 * Firmware, ring lists and other files for everybody, from a folder. Symbolic links are followed as long as they stay in
 * it. Trust lists and the configurations of devices are never read from here, whoever put them there: they come from
 * the sources that know whether they hold a secret.
 */
export class StaticFolder implements VersionedFileSource {
  readonly #root: string;
  readonly #fileSize: number;

  private constructor(root: string, fileSize: number) {
    this.#root = root;
    this.#fileSize = fileSize;
  }

  /**
   * @param fileSize the largest file that is read, in octets
   * @throws {TrustlineError} `provisioning.no-folder` when it is not there, or is no folder.
   */
  static async open(folder: string, fileSize = 128 * 1_024 * 1_024): Promise<StaticFolder> {
    try {
      const root = await realpath(folder);
      if ((await stat(root)).isDirectory()) return new StaticFolder(root, fileSize);
    } catch (cause) {
      throw noFolder(folder, codeOf(cause));
    }
    throw noFolder(folder, 'it is no folder');
  }

  async version(request: FileRequest): Promise<string | undefined> {
    const path = await this.#pathOf(request.name);
    if (typeof path !== 'string') return undefined;
    try {
      const found = await stat(path);
      return found.isFile() && found.size <= this.#fileSize ? versionOf(found) : undefined;
    } catch {
      return undefined;
    }
  }

  async find(request: FileRequest): Promise<FileAnswer> {
    const path = await this.#pathOf(request.name);
    if (typeof path !== 'string') return path;
    let file: Awaited<ReturnType<typeof open>>;
    try {
      // Not to follow a link that has just taken the place of the file, and not to wait on a named pipe.
      file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      return missingOrFailed(error);
    }
    try {
      const opened = await file.stat();
      if (!opened.isFile()) return { kind: 'refused', cause: 'outside', reason: 'it is no ordinary file' };
      if (opened.size > this.#fileSize) {
        return { kind: 'refused', cause: 'too-large', reason: `it is larger than ${this.#fileSize} octets` };
      }
      // A folder on the way may have become a link since the path was looked at.
      const again = await this.#pathOf(request.name);
      if (again !== path || !isSame(await stat(path), opened)) {
        return { kind: 'refused', cause: 'outside', reason: 'it changed its place while it was opened' };
      }
      const content = new Uint8Array(await file.readFile());
      return {
        kind: 'found',
        file: {
          content,
          contentType: contentTypeOf(request.name),
          version: versionOf(opened),
          sensitivity: 'none',
        },
      };
    } catch (error) {
      return missingOrFailed(error);
    } finally {
      await file.close();
    }
  }

  /** The real path, which lies in the folder; or the answer when there is none. */
  async #pathOf(name: string): Promise<string | FileAnswer> {
    const parsed = parseFileName(name);
    if (!parsed.ok) return { kind: 'refused', cause: 'bad-name', reason: parsed.reason };
    if (parsed.file.kind === 'trust-list' || parsed.file.kind === 'configuration') return { kind: 'not-found' };
    try {
      const path = await realpath(join(this.#root, name));
      if (path.startsWith(this.#root + sep)) return path;
      return { kind: 'refused', cause: 'outside', reason: 'a symbolic link leads out of the folder' };
    } catch (error) {
      return missingOrFailed(error);
    }
  }
}

function missingOrFailed(error: unknown): FileAnswer {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'not-found' };
  if (code === 'ELOOP') return { kind: 'refused', cause: 'outside', reason: 'its symbolic links lead in a circle' };
  return { kind: 'refused', cause: 'failed', reason: `the system does not let it be read (${code})` };
}

function versionOf(found: Stats): string {
  return `${found.ino.toString(16)}-${found.size.toString(16)}-${Math.floor(found.mtimeMs * 1_000).toString(16)}`;
}

function isSame(one: Stats, other: Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

function noFolder(folder: string, why: string): TrustlineError {
  return new TrustlineError('provisioning.no-folder', `The folder ${folder} cannot be served (${why})`, {
    nextStep: 'Make the folder, and let the user of the service read it.',
  });
}
