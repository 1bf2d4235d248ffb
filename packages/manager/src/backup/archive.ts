/**
 * What a backup holds, before it is encrypted: files one after the other, each
 *
 *     nameLength(2) name(UTF-8) size(8) octets
 *
 * and a name of no length at the end. Names are relative paths with `/`.
 */
import { ByteReader, ByteWriter } from '@trustline/base';
import { ManagerError } from '../error.ts';
import { type BackupResult, fault } from './fault.ts';

/** The version of `backup.json`, the first file of every backup, which says what the others are. */
export const BACKUP_SCHEMA = 1;

const LONGEST_NAME = 1_024;
const HIGH = 0x1_0000_0000;

/** What a name may be: no absolute path, no way up, no hidden part. */
const storableName = /^(?:[A-Za-z0-9][A-Za-z0-9 ._@+-]*\/)*[A-Za-z0-9][A-Za-z0-9 ._@+-]*$/;

export function isStorableName(name: string): boolean {
  return name.length <= LONGEST_NAME && storableName.test(name);
}

/** What stands before the octets of a file. @throws {ManagerError} manager.backup-name */
export function fileHeader(name: string, size: number): Uint8Array {
  if (!isStorableName(name)) {
    throw new ManagerError('manager.backup-name', `A backup cannot hold a file named ${JSON.stringify(name)}.`);
  }
  const octets = new TextEncoder().encode(name);
  return new ByteWriter()
    .u16(octets.byteLength)
    .bytes(octets)
    .u32(Math.floor(size / HIGH))
    .u32(size % HIGH)
    .finish();
}

export const archiveEnd = new Uint8Array(2);

export type ArchiveItem =
  | { readonly kind: 'file'; readonly name: string; readonly size: number }
  | { readonly kind: 'octets'; readonly octets: Uint8Array };

/** Takes an archive apart, given in pieces of any size. */
export class ArchiveReader {
  #waiting: Uint8Array = new Uint8Array(0);
  #offset = 0;
  /** Octets of the current file that are still to come. */
  #missing = 0;
  #isOver = false;

  push(octets: Uint8Array): BackupResult<readonly ArchiveItem[]> {
    const items: ArchiveItem[] = [];
    let rest = this.#waiting.byteLength === 0 ? octets : joined(this.#waiting, octets);
    const take = (length: number) => {
      const taken = rest.subarray(0, length);
      rest = rest.subarray(length);
      this.#offset += length;
      return taken;
    };
    while (rest.byteLength > 0) {
      if (this.#isOver) return fault('contents', this.#offset);
      if (this.#missing > 0) {
        const data = take(Math.min(this.#missing, rest.byteLength));
        this.#missing -= data.byteLength;
        items.push({ kind: 'octets', octets: data });
        continue;
      }
      if (rest.byteLength < 2) break;
      const nameLength = new ByteReader(rest).u16();
      if (nameLength === 0) {
        take(2);
        this.#isOver = true;
        continue;
      }
      if (nameLength > LONGEST_NAME) return fault('contents', this.#offset);
      if (rest.byteLength < 2 + nameLength + 8) break;
      const reader = new ByteReader(rest);
      reader.skip(2);
      const name = new TextDecoder().decode(reader.take(nameLength));
      const size = reader.u32() * HIGH + reader.u32();
      if (!isStorableName(name) || !Number.isSafeInteger(size)) return fault('contents', this.#offset);
      take(2 + nameLength + 8);
      this.#missing = size;
      items.push({ kind: 'file', name, size });
    }
    this.#waiting = rest.slice();
    return { ok: true, value: items };
  }

  /** Whether the archive ended where it says that it does. */
  finish(): BackupResult<undefined> {
    return this.#isOver ? { ok: true, value: undefined } : fault('contents', this.#offset);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.byteLength + second.byteLength);
  both.set(first);
  both.set(second, first.byteLength);
  return both;
}
