import { Redacted, TrustlineError } from '@trustline/base';
import { PkiError, TokenError } from '@trustline/pki';
import { readPassphrase } from '@trustline/pki/node';
import { type Command, Option } from 'commander';
import type { Terminal } from '../terminal.ts';

/** Where a PIN may come from: a file, this variable, or the person at the terminal. */
export const PIN_VARIABLE = 'TRUSTLINE_TOKEN_PIN';

export interface PinOptions {
  readonly pinFile?: string;
  /** Given only to be refused. */
  readonly pin?: string | true;
}

export function addPinOptions(command: Command): Command {
  return command
    .option(
      '--pin-file <file>',
      `read the PIN from the first line of a file (mode 0600; default: ${PIN_VARIABLE}, then a prompt)`,
    )
    .addOption(new Option('--pin [pin]').hideHelp());
}

/**
 * Refuses a PIN on the command line, before anything else is done.
 *
 * @throws {TrustlineError} cli.pin-on-command-line
 */
export function refusePinOption({ pin }: PinOptions): void {
  if (pin === undefined) return;
  throw new TrustlineError(
    'cli.pin-on-command-line',
    'A PIN is never taken on the command line: everybody on this machine can read it there, and the shell remembers it.',
    { nextStep: `Give it at the prompt, by --pin-file, or in ${PIN_VARIABLE}. If that was the PIN, change it.` },
  );
}

/**
 * The PIN, once: whoever asks twice would try a wrong one twice.
 *
 * @param isNew a PIN that is chosen here is asked for twice at the prompt
 * @throws {TokenError} token.pin-source
 */
export async function readPin(
  { pinFile }: PinOptions,
  terminal: Terminal,
  prompt: string,
  isNew = false,
): Promise<Redacted<string>> {
  if (pinFile !== undefined) return pinIn(pinFile);
  const given = terminal.environment[PIN_VARIABLE];
  if (given !== undefined && given !== '') return new Redacted(given);
  if (terminal.askSecret === undefined) {
    throw new TokenError('token.pin-source', 'The PIN is needed, and there is nobody at a terminal to ask.', {
      nextStep: `Name a file with --pin-file, or set ${PIN_VARIABLE}.`,
    });
  }
  const typed = await terminal.askSecret(`${prompt}: `);
  if (isNew && (await terminal.askSecret('The same again: ')).reveal() !== typed.reveal()) {
    throw new TokenError('token.pin-source', 'The two PINs differ; nothing was made.', { nextStep: 'Try again.' });
  }
  if (typed.reveal() !== '') return typed;
  throw new TokenError('token.pin-source', 'No PIN was given; none was tried.', { nextStep: 'Try again.' });
}

/** A PIN file is read as a passphrase is, and what is wrong with it is told of a PIN. */
async function pinIn(file: string): Promise<Redacted<string>> {
  try {
    const found = await readPassphrase({ kind: 'file', path: file }, {});
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    if (error.code === 'pki.key-file-exposed') throw exposed(file);
    if (error.code !== 'pki.passphrase-source') throw unreadable(error);
  }
  throw new TokenError('token.pin-source', `${file} holds no PIN in its first line.`, {
    nextStep: 'Write the PIN into its first line.',
  });
}

function exposed(file: string): TokenError {
  return new TokenError('token.pin-source', `Others on this machine can read the PIN in ${file}; it was not tried.`, {
    nextStep: `Run: chmod 600 '${file}'. If others could log in here, change the PIN.`,
  });
}

function unreadable({ message }: PkiError): TokenError {
  return new TokenError('token.pin-source', `${message}.`, {
    nextStep: 'Name with --pin-file a file that you may read.',
  });
}
