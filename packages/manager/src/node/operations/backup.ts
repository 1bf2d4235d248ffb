import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { archiveEnd, BACKUP_SCHEMA, fileHeader } from '../../backup/archive.ts';
import { makeHeader, NONCE_PREFIX_LENGTH, SALT_LENGTH, Sealer, usualCost } from '../../backup/seal.ts';
import { ManagerError } from '../../error.ts';
import { version } from '../../version.ts';
import { backupPassphrase, secretOf } from '../backup/passphrase.ts';
import { storeName, transientNames } from '../data-folder.ts';
import type { Services } from './services.ts';

/** A file of a backup: small ones in memory, others where they lie. */
interface BackupFile {
  readonly name: string;
  readonly size: number;
  readonly from: Uint8Array | string;
}

const configurationName = 'trustline.yaml';

/** One at a time: each needs room on the disk for a copy of the store. */
const running = new WeakSet<Services['store']>();

/**
 * Everything that is kept, in one encrypted file, while all goes on: the store as it is at one moment, then the
 * identity, so that it holds every certificate of every device in the store, then what else lies in the data folder,
 * and the configuration.
 *
 * @throws {ManagerError} manager.backup-running, manager.backup-passphrase
 */
export async function writeBackup(
  services: Services,
  given: unknown,
): Promise<{ readonly octets: AsyncIterable<Uint8Array> }> {
  const { store, journal, folder } = services;
  const passphrase = backupPassphrase(given);
  if (running.has(store)) {
    throw new ManagerError('manager.backup-running', 'A backup is being written already.', {
      nextStep: 'Wait until it is done.',
    });
  }
  running.add(store);
  const release = async () => {
    await rm(folder.backupFolder, { recursive: true, force: true });
    running.delete(store);
  };
  try {
    const cause = 'Everything that is kept, private keys included, leaves in an encrypted backup.';
    await journal.event('backup-taken', { cause });
    const files = await prepare(services);
    const [salt, noncePrefix] = [randomBytes(SALT_LENGTH), randomBytes(NONCE_PREFIX_LENGTH)];
    const secret = await secretOf(passphrase, salt, usualCost);
    return { octets: sealed(files, makeHeader(secret, usualCost, salt, noncePrefix), secret, release) };
  } catch (error) {
    await release();
    throw error;
  }
}

async function prepare(services: Services): Promise<readonly BackupFile[]> {
  const { store, cluster, folder, loaded, configuration, clock } = services;
  await mkdir(folder.backupFolder, { mode: 0o700 });
  const copy = join(folder.backupFolder, storeName);
  await store.copyTo(copy);
  const identity = basename(folder.identityFolder);
  const skipped = (name: string) => transientNames.includes(name) || name === identity || name.endsWith('.tmp');
  const keys = await cluster.whileUnchanged(async () => {
    const found = await filesBelow(folder.identityFolder, (name) => name.endsWith('.tmp'));
    return Promise.all(
      found.map(async (name) => {
        const octets = await readFile(join(folder.identityFolder, name));
        return { name: `${identity}/${name}`, size: octets.byteLength, from: octets };
      }),
    );
  });
  const others = await Promise.all(
    (await filesBelow(folder.path, skipped)).map(async (name) => {
      const path = join(folder.path, name);
      return { name, size: (await stat(path)).size, from: path };
    }),
  );
  const document = loaded.file === undefined ? undefined : await readFile(loaded.file);
  const about = {
    schema: BACKUP_SCHEMA,
    node: configuration.node,
    version,
    at: new Date(clock.now()).toISOString(),
    configuration: loaded.file ?? null,
    keysNeedPassphrase: services.keysNeedPassphrase,
  };
  const small = (name: string, octets: Uint8Array) => ({ name, size: octets.byteLength, from: octets });
  return [
    small('backup.json', new TextEncoder().encode(`${JSON.stringify(about, undefined, 2)}\n`)),
    { name: storeName, size: (await stat(copy)).size, from: copy },
    ...keys,
    ...others.filter(({ name }) => document === undefined || name !== configurationName),
    ...(document === undefined ? [] : [small(configurationName, document)]),
  ];
}

/** Every regular file below a folder, by its path from there; links and sockets are none. */
async function filesBelow(folder: string, skipped: (name: string) => boolean): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (skipped(entry.name)) continue;
    if (entry.isFile()) found.push(entry.name);
    if (!entry.isDirectory()) continue;
    const below = await filesBelow(join(folder, entry.name), (name) => name.endsWith('.tmp'));
    found.push(...below.map((name) => `${entry.name}/${name}`));
  }
  return found.sort();
}

async function* sealed(
  files: readonly BackupFile[],
  header: ReturnType<typeof makeHeader>,
  secret: Uint8Array,
  release: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    const sealer = new Sealer(header, secret);
    yield header.bytes;
    for (const { name, size, from } of files) {
      yield* sealer.push(fileHeader(name, size));
      let missing = size;
      for await (const chunk of typeof from === 'string' ? createReadStream(from) : [from]) {
        missing -= chunk.byteLength;
        yield* sealer.push(chunk);
      }
      // The size stands before the octets already: the answer breaks off, and whoever asked is told.
      if (missing !== 0) throw new Error(`${name} changed while it was read for a backup`);
    }
    yield* sealer.push(archiveEnd);
    yield sealer.finish();
  } finally {
    await release();
  }
}
