import type { CallEnding } from '@trustline/phone';
import { exitCodes } from '../exit-codes.ts';

/** What `trustline phone` exits with beside the codes of every command. */
export const phoneExitCodes = {
  completed: exitCodes.done,
  failed: exitCodes.failed,
  busy: 10,
  noAnswer: 11,
  refused: 12,
  refusedForSecurity: 13,
  unreachable: 14,
  certificateRefused: 15,
  noSuchNumber: 16,
} as const;

export const phoneExitCodeMeanings = [
  [phoneExitCodes.completed, 'the call was answered and hung up'],
  [phoneExitCodes.failed, 'failed; one line says why'],
  [exitCodes.usage, 'the command line was wrong'],
  [phoneExitCodes.busy, 'busy'],
  [phoneExitCodes.noAnswer, 'nobody answered, or it was given up before'],
  [phoneExitCodes.refused, 'refused'],
  [phoneExitCodes.refusedForSecurity, 'refused because of the protection that one end demands'],
  [phoneExitCodes.unreachable, 'not registered: the manager cannot be reached, or said no'],
  [phoneExitCodes.certificateRefused, "a certificate was refused: the manager's here, or the phone's there"],
  [phoneExitCodes.noSuchNumber, 'there is no such number'],
] as const;

const ofEnding: Readonly<Record<CallEnding, number>> = {
  completed: phoneExitCodes.completed,
  busy: phoneExitCodes.busy,
  'no-answer': phoneExitCodes.noAnswer,
  cancelled: phoneExitCodes.noAnswer,
  'no-such-number': phoneExitCodes.noSuchNumber,
  refused: phoneExitCodes.refused,
  'refused-for-security': phoneExitCodes.refusedForSecurity,
  unreachable: phoneExitCodes.unreachable,
  failed: phoneExitCodes.failed,
};

export function exitCodeOfEnding(ending: CallEnding): number {
  return ofEnding[ending];
}

/** The exit code for a phone that could not register, by the code of its error. */
export function exitCodeOfRegistration(code: string): number {
  if (code === 'sip.server-refused' || code === 'phone.closed-without-a-word') return phoneExitCodes.certificateRefused;
  return code.startsWith('phone.credentials-') ? phoneExitCodes.failed : phoneExitCodes.unreachable;
}

/** What a person can do after a call that ended so; undefined where nothing is amiss. */
export function nextStepOf(ending: CallEnding): string | undefined {
  switch (ending) {
    case 'completed':
    case 'cancelled':
      return undefined;
    case 'busy':
      return 'Call again later.';
    case 'no-answer':
      return 'Call again later, or see whether the other phone is registered: trustline devices';
    case 'no-such-number':
      return 'See which lines there are: trustline devices';
    case 'refused':
      return 'See `trustline events` where the manager runs.';
    case 'refused-for-security':
      return 'See `trustline events` for which end demands what; `--security prefer` encrypts where both ends can, lets the call be clear elsewhere, and shows it.';
    case 'unreachable':
      return 'See whether the manager runs and the other phone is registered: trustline status, trustline devices';
    case 'failed':
      return 'See `trustline events` where the manager runs.';
  }
}
