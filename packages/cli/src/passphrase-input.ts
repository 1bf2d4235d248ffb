import { type Redacted, TrustlineError } from '@trustline/base';
import { readPassphrase } from '@trustline/pki/node';
import type { Terminal } from './terminal.ts';

const variable = 'TRUSTLINE_BACKUP_PASSPHRASE';

/**
 * A passphrase from a file, from the environment, or typed by a person; never from the command line, which others on
 * the machine can see.
 *
 * @param twice asks a person for it a second time, since a mistyped one is lost with what it protects
 * @throws {TrustlineError} cli.no-passphrase, cli.passphrases-differ; those of `readPassphrase`
 */
export async function askPassphrase(
  file: string | undefined,
  terminal: Terminal,
  { twice = false }: { readonly twice?: boolean } = {},
): Promise<Redacted<string>> {
  const isInEnvironment = terminal.environment[variable] !== undefined;
  const source =
    file !== undefined
      ? ({ kind: 'file', path: file } as const)
      : isInEnvironment
        ? ({ kind: 'environment', variable } as const)
        : ({ kind: 'none' } as const);
  const found = await readPassphrase(source, terminal.environment);
  if (found !== undefined) return found;
  if (terminal.askSecret === undefined) {
    throw new TrustlineError('cli.no-passphrase', 'There is no passphrase, and nobody here to ask for one.', {
      nextStep: `Give it with --passphrase-file FILE, or in the variable ${variable}.`,
    });
  }
  const typed = await terminal.askSecret('Passphrase: ');
  if (twice && (await terminal.askSecret('Again: ')).reveal() !== typed.reveal()) {
    throw new TrustlineError('cli.passphrases-differ', 'The two passphrases differ; nothing was done.', {
      nextStep: 'Try again.',
    });
  }
  return typed;
}
