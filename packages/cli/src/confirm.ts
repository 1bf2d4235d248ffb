import { TrustlineError } from '@trustline/base';
import { notConfirmed } from './ask-line.ts';
import type { Terminal } from './terminal.ts';

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
