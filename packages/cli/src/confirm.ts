import { createInterface } from 'node:readline/promises';
import { TrustlineError } from '@trustline/base';
import type { Terminal } from './terminal.ts';

/**
 * Asks the person at the terminal for a line; the question goes to standard error, as that for a secret does.
 *
 * @throws {TrustlineError} cli.not-confirmed when Ctrl-C or Ctrl-D is the answer
 */
export async function askLine(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const { promise: closed, reject } = Promise.withResolvers<never>();
  // Without this the question would stay open for ever, and the process end as if all were well.
  lines.once('close', () => reject(notConfirmed()));
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}

/**
 * Goes on only when a person says yes, or said so beforehand with `--yes`.
 *
 * @throws {TrustlineError} cli.not-confirmed
 */
export async function confirm(question: string, { yes }: { readonly yes?: true }, terminal: Terminal): Promise<void> {
  if (yes) return;
  if (terminal.ask === undefined) {
    throw new TrustlineError('cli.not-confirmed', `${question} There is nobody at a terminal to say yes.`, {
      nextStep: 'Look at it with --dry-run; then say it with --yes.',
    });
  }
  const said = await terminal.ask(`${question} [y/N] `);
  if (/^y(es)?$/i.test(said.trim())) return;
  throw notConfirmed();
}

function notConfirmed(): TrustlineError {
  return new TrustlineError('cli.not-confirmed', 'Not confirmed; nothing was changed.');
}
