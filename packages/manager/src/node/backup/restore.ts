import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Redacted } from '@trustline/base';
import { type ArchiveItem, ArchiveReader, BACKUP_SCHEMA } from '../../backup/archive.ts';
import type { BackupFault, BackupResult } from '../../backup/fault.ts';
import { HEADER_LENGTH, isRightSecret, Opener, readHeader } from '../../backup/seal.ts';
import { ManagerError, type ManagerErrorCode } from '../../error.ts';
import { restoredName } from '../data-folder.ts';
import type { Journal } from '../journal.ts';
import { localUser } from '../local-user.ts';
import { secretOf } from './passphrase.ts';

/** What a backup says of itself. */
export interface BackupContents {
  readonly node: string;
  /** Of the Trustline that wrote it. */
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
  /** Path of the configuration where it was written; null when the defaults alone held. */
  readonly configuration: string | null;
  /** Whether the private keys are encrypted with a passphrase of their own besides. */
  readonly keysNeedPassphrase: boolean;
  readonly files: number;
  readonly octets: number;
}

/** Where the files of a backup go. */
interface Destination {
  file(name: string): Promise<void>;
  octets(octets: Uint8Array): Promise<void>;
}

/**
 * Opens a backup to its end and keeps nothing: proof that it can be restored.
 *
 * @throws {ManagerError} manager.not-a-backup, -backup-newer, -backup-wrong-passphrase, -backup-damaged
 */
export function checkBackup(file: string, passphrase: Redacted<string>): Promise<BackupContents> {
  return readBackup(file, passphrase, { file: async () => undefined, octets: async () => undefined });
}

/**
 * Makes a data folder of a backup. It is built beside its place and moved there whole: when anything is wrong, nothing
 * is there.
 *
 * @param folder must be empty, or not be there
 * @param now epoch milliseconds
 * @throws {ManagerError} manager.restore-folder, and those of {@link checkBackup}
 */
export async function restoreBackup(
  file: string,
  passphrase: Redacted<string>,
  folder: string,
  now: number,
): Promise<BackupContents> {
  const place = resolve(folder);
  const isThere = existsSync(place);
  if (isThere && (await readdir(place)).length > 0) {
    throw new ManagerError('manager.restore-folder', `The folder ${place} is not empty.`, {
      nextStep: 'Name one that is empty or not there yet: --data-folder FOLDER.',
    });
  }
  const building = `${place}.restoring`;
  await rm(building, { recursive: true, force: true });
  const madeFirst = await mkdir(building, { recursive: true, mode: 0o700 });
  const destination = new FolderDestination(building);
  try {
    const contents = await readBackup(file, passphrase, destination);
    await destination.close();
    const told = { at: new Date(now).toISOString(), of: contents.at, node: contents.node, by: localUser() };
    await writeFile(join(building, restoredName), `${JSON.stringify(told)}\n`, { mode: 0o600, flush: true });
    if (isThere) await rmdir(place);
    await rename(building, place);
    await flush(dirname(place));
    return contents;
  } catch (error) {
    await destination.close();
    // The folders above it that were made for it, too.
    await rm(madeFirst ?? building, { recursive: true, force: true });
    throw error;
  }
}

/** The first manager of a restored folder says in the records that it goes on from a backup. */
export async function tellRestored(file: string, journal: Journal): Promise<void> {
  if (!existsSync(file)) return;
  const { at, of, node, by } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const cause = `This manager goes on from the backup that ${node} wrote on ${of}; it was restored on ${at}.`;
  const nextStep = 'If the first one still runs, stop it: two that go on from one state contradict each other.';
  await journal.event('backup-restored', { cause, nextStep, actor: `local user ${by}` });
  await rm(file);
}

async function readBackup(
  file: string,
  passphrase: Redacted<string>,
  destination: Destination,
): Promise<BackupContents> {
  const stream = createReadStream(file, { highWaterMark: 1_048_576 });
  let begin = new Uint8Array(0);
  let opener: Opener | undefined;
  const archive = new ArchiveReader();
  const about: Uint8Array[] = [];
  let current = '';
  let [files, octets] = [0, 0];

  const deliver = async (items: readonly ArchiveItem[]) => {
    for (const item of items) {
      if (item.kind === 'file') {
        current = item.name;
        if (current === 'backup.json') continue;
        files += 1;
        octets += item.size;
        await destination.file(current);
      } else if (current === 'backup.json') about.push(item.octets.slice());
      else await destination.octets(item.octets);
    }
  };
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      let rest = piece;
      if (opener === undefined) {
        begin = new Uint8Array(Buffer.concat([begin, piece]));
        if (begin.byteLength < HEADER_LENGTH) continue;
        opener = await openerOf(file, begin, passphrase);
        rest = begin.subarray(HEADER_LENGTH);
      }
      for (const plain of unlessFault(file, opener.push(rest))) await deliver(unlessFault(file, archive.push(plain)));
    }
    // A file shorter than a header is said to be what it is.
    opener ??= await openerOf(file, begin, passphrase);
    await deliver(unlessFault(file, archive.push(unlessFault(file, opener.finish()))));
    unlessFault(file, archive.finish());
  } finally {
    stream.destroy();
  }
  const said = JSON.parse(Buffer.concat(about).toString('utf8')) as BackupContents & { readonly schema: number };
  if (said.schema !== BACKUP_SCHEMA) throw faultError(file, { code: 'newer', offset: 0 });
  const { node, version, at, configuration, keysNeedPassphrase } = said;
  return { node, version, at, configuration, keysNeedPassphrase, files, octets };
}

async function openerOf(file: string, begin: Uint8Array, passphrase: Redacted<string>): Promise<Opener> {
  const header = unlessFault(file, readHeader(begin));
  const secret = await secretOf(passphrase, header.salt, header.cost);
  if (!isRightSecret(header, secret)) throw faultError(file, { code: 'wrong-passphrase', offset: 0 });
  return new Opener(header, secret);
}

function unlessFault<Value>(file: string, result: BackupResult<Value>): Value {
  if (result.ok) return result.value;
  throw faultError(file, result.fault);
}

function faultError(file: string, { code, offset }: BackupFault): ManagerError {
  const another = 'Take another copy of the backup.';
  const words: Readonly<Record<BackupFault['code'], readonly [ManagerErrorCode, string, string]>> = {
    'not-a-backup': ['manager.not-a-backup', 'is no backup of Trustline', 'Check the name.'],
    newer: ['manager.backup-newer', 'was written by a later Trustline', 'Restore it with that one.'],
    'wrong-passphrase': [
      'manager.backup-wrong-passphrase',
      'was made with another passphrase, or its first octets were altered',
      'Give the passphrase of that backup; there is no way around it.',
    ],
    damaged: ['manager.backup-damaged', `was altered or cut off, at octet ${offset} or behind it`, another],
    contents: ['manager.backup-damaged', `holds no files that can be read (octet ${offset} of its contents)`, another],
  };
  const [errorCode, what, nextStep] = words[code];
  return new ManagerError(errorCode, `${file} ${what}; nothing was restored.`, { nextStep, offset });
}

/** Writes files below a folder, each for its owner alone and on the disk before the next. */
class FolderDestination implements Destination {
  readonly #folder: string;
  #handle: FileHandle | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async file(name: string): Promise<void> {
    await this.close();
    const path = join(this.#folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    this.#handle = await open(path, 'wx', 0o600);
  }

  async octets(octets: Uint8Array): Promise<void> {
    await this.#handle?.writeFile(octets);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
