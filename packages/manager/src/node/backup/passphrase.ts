import { type ScryptOptions, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Redacted } from '@trustline/base';
import { type ScryptCost, SECRET_LENGTH } from '../../backup/seal.ts';
import { ManagerError } from '../../error.ts';

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

/** Who finds the file may guess for as long as they like. */
const shortestPassphrase = 12;

/** @throws {ManagerError} manager.backup-passphrase when it is none, or is guessed too soon */
export function backupPassphrase(given: unknown): Redacted<string> {
  if (typeof given === 'string' && given.length >= shortestPassphrase && given.length <= 1_024) {
    return new Redacted(given);
  }
  throw new ManagerError(
    'manager.backup-passphrase',
    `The passphrase of a backup has at least ${shortestPassphrase} characters.`,
    { nextStep: 'Take several words: whoever finds the file may guess for as long as they like.' },
  );
}

/** What scrypt makes of a passphrase; off the main thread, since it takes some tenths of a second. */
export async function secretOf(
  passphrase: Redacted<string>,
  salt: Uint8Array,
  { log2N, r, p }: ScryptCost,
): Promise<Uint8Array> {
  const N = 2 ** log2N;
  // The memory that it needs (RFC 7914 §2), and room for node:crypto's own.
  const maxmem = 128 * N * r + 64 * 1_048_576;
  return derive(passphrase.reveal().normalize('NFC'), salt, SECRET_LENGTH, { N, r, p, maxmem });
}
