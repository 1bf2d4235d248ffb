import { Redacted, TrustlineError } from '@trustline/base';
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
  if (process.stdin.isTTY !== true) {
    throw new TrustlineError('cli.no-passphrase', 'There is no passphrase, and nobody here to ask for one.', {
      nextStep: `Give it with --passphrase-file FILE, or in the variable ${variable}.`,
    });
  }
  const typed = await typedSecret('Passphrase: ', terminal);
  if (twice && (await typedSecret('Again: ', terminal)) !== typed) {
    throw new TrustlineError('cli.passphrases-differ', 'The two passphrases differ; nothing was done.', {
      nextStep: 'Try again.',
    });
  }
  return new Redacted(typed);
}

/** One line that a person types and nobody sees. */
function typedSecret(question: string, terminal: Terminal): Promise<string> {
  terminal.error(question);
  const { stdin } = process;
  return new Promise((resolve, reject) => {
    let line = '';
    const done = (settle: () => void) => {
      stdin.off('data', typed).setRawMode(false).pause();
      terminal.error('\n');
      settle();
    };
    const typed = (text: string) => {
      for (const key of text) {
        if (key === '\r' || key === '\n') return done(() => resolve(line));
        if (key === '\u0003' || key === '\u0004') {
          return done(() => reject(new TrustlineError('cli.no-passphrase', 'No passphrase was given.')));
        }
        line = key === '\u007f' || key === '\b' ? [...line].slice(0, -1).join('') : line + key;
      }
    };
    stdin.setRawMode(true).setEncoding('utf8').on('data', typed).resume();
  });
}
