/** Files that hold keys and passwords: for their owner alone, and never over others unless that was asked for. */
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TrustlineError } from '@trustline/base';
import type { Command } from 'commander';

/** A file's name and what it holds. */
export type SecretFile = readonly [name: string, content: string | Uint8Array];

/** What a command that writes such files is told of where. */
export interface FolderOptions {
  readonly out: string;
  readonly force?: true;
}

export function addFolderOptions(command: Command, what: string): Command {
  return command
    .requiredOption('--out <folder>', `where ${what} are written (mode 0700)`)
    .option('--force', 'overwrite what is there');
}

/**
 * Refuses a folder in which one of the files is. To be asked before a manager makes anything: a new password takes
 * the place of the one in the folder.
 *
 * @throws {TrustlineError} cli.files-exist
 */
export function refuseFilesThere({ out, force }: FolderOptions, names: readonly string[]): void {
  const there = names.filter((name) => existsSync(join(out, name)));
  if (force || there.length === 0) return;
  throw new TrustlineError(
    'cli.files-exist',
    `${out} holds ${there.join(', ')} already; nothing was made or written.`,
    {
      nextStep:
        'Name another folder with --out, or overwrite them with --force: a private key that is overwritten is kept nowhere else.',
    },
  );
}

/** Writes them; returns the folder's absolute path. */
export function writeSecretFiles({ out, force }: FolderOptions, files: readonly SecretFile[]): string {
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, content] of files) {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600, flag: force ? 'w' : 'wx' });
    chmodSync(path, 0o600); // a file that was there keeps its mode otherwise
  }
  return folder;
}
