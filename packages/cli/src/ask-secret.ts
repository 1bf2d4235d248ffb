import { Redacted, TrustlineError } from '@trustline/base';

/** Longer than any PIN or passphrase that a person types. */
const MAX_LENGTH = 1_024;

/** Ctrl-C and Ctrl-D, which a terminal in raw mode hands on as characters. */
const [interrupted, ended] = ['\u0003', '\u0004'];

/**
 * Asks the person at the terminal for a secret. The prompt goes to standard error, since output may be on its way
 * into a file, and nothing of what is typed is shown.
 *
 * @throws {TrustlineError} cli.interrupted
 */
export function askSecret(prompt: string): Promise<Redacted<string>> {
  const { stdin, stderr } = process;
  // Before the prompt: what is typed as soon as it shows must not show itself.
  stdin.setRawMode(true).setEncoding('utf8').resume();
  stderr.write(prompt);
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (outcome: () => void) => {
      stdin.off('data', read).setRawMode(false).pause();
      stderr.write('\n');
      outcome();
    };
    const read = (text: string) => {
      for (const character of text) {
        if (character === '\r' || character === '\n') {
          const secret = new Redacted(typed);
          return finish(() => resolve(secret));
        }
        if (character === interrupted || character === ended) {
          const failure = new TrustlineError('cli.interrupted', 'Nothing was given; nothing was done.');
          return finish(() => reject(failure));
        }
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character >= ' ' && typed.length < MAX_LENGTH) typed += character;
      }
    };
    stdin.on('data', read);
  });
}
