import { Redacted } from '@trustline/base';
import { PkiError } from '../error.ts';
import { readPrivateFile } from './files.ts';

/** Where the passphrase of the key files comes from: never the command line, which others on the machine can see. */
export type PassphraseSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly variable: string };

/**
 * Reads a passphrase: the first line of a file that only its owner can read, or a variable of the environment.
 *
 * @throws {PkiError} pki.passphrase-source when it is empty or missing; pki.key-file-exposed, pki.key-file-unreadable
 */
export async function readPassphrase(
  source: PassphraseSource,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Redacted<string> | undefined> {
  switch (source.kind) {
    case 'none':
      return undefined;
    case 'file':
      return notEmpty((await readPrivateFile(source.path)).split(/\r?\n/)[0], source.path);
    case 'environment':
      return notEmpty(environment[source.variable], `the environment variable ${source.variable}`);
  }
}

function notEmpty(text: string | undefined, where: string): Redacted<string> {
  if (text === undefined || text === '') {
    throw new PkiError('pki.passphrase-source', `${where} holds no passphrase`, {
      nextStep: 'Put the passphrase there, or remove the setting to keep the keys unencrypted.',
    });
  }
  return new Redacted(text);
}
