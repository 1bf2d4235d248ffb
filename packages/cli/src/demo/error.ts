import { TrustlineError } from '@trustline/base';

/** The demo could not be run to its end: no verdict, and no figure. */
export function demoFailed(message: string): TrustlineError {
  return new TrustlineError('cli.demo-failed', message, {
    nextStep: 'Is the machine very busy? Run it again; if it stays so, please report it.',
  });
}
