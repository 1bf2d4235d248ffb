import { createInterface } from 'node:readline/promises';
import { TrustlineError } from '@trustline/base';

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

/** Somebody was asked, and did not say yes. */
export function notConfirmed(): TrustlineError {
  return new TrustlineError('cli.not-confirmed', 'Not confirmed; nothing was changed.');
}
