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
  notEnrolled: 17,
  enrolmentDeclined: 18,
  lockedOut: 19,
  unprovisioned: 20,
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

const ofBootError: Readonly<Record<string, number>> = {
  'phone.not-enrolled': phoneExitCodes.notEnrolled,
  'phone.certificate-awaited': phoneExitCodes.notEnrolled,
  'phone.enrolment-declined': phoneExitCodes.enrolmentDeclined,
  'phone.files-refused': phoneExitCodes.lockedOut,
  'phone.no-trust-list': phoneExitCodes.lockedOut,
  'phone.unprovisioned': phoneExitCodes.unprovisioned,
  'phone.no-such-line': phoneExitCodes.unprovisioned,
  'phone.no-password': phoneExitCodes.failed,
  'phone.state-damaged': phoneExitCodes.failed,
};

const certificateRefusals: ReadonlySet<string> = new Set([
  'sip.server-refused',
  'phone.manager-not-trusted',
  'phone.closed-without-a-word',
]);

/** The exit code for a phone that could not register, by the code of its error. */
export function exitCodeOfRegistration(code: string): number {
  const ofBoot = ofBootError[code];
  if (ofBoot !== undefined) return ofBoot;
  if (certificateRefusals.has(code)) return phoneExitCodes.certificateRefused;
  return code.startsWith('phone.credentials-') ? phoneExitCodes.failed : phoneExitCodes.unreachable;
}

/** What `trustline phone boot` exits with. */
export const bootExitCodeMeanings = [
  [phoneExitCodes.completed, 'registered'],
  [phoneExitCodes.failed, 'failed; one line says why'],
  [exitCodes.usage, 'the command line was wrong'],
  [phoneExitCodes.noAnswer, 'interrupted before it was registered'],
  [phoneExitCodes.unreachable, 'no server of its files, no CAPF or no call manager answered, or the manager said no'],
  [phoneExitCodes.certificateRefused, "a certificate was refused: the manager's here, or the phone's there"],
  [
    phoneExitCodes.notEnrolled,
    'not enrolled: it has no certificate, and CAPF has nothing pending for it, or waits for an outside authority',
  ],
  [phoneExitCodes.enrolmentDeclined, 'declined by CAPF: a wrong string, a refused certificate, or locked'],
  [phoneExitCodes.lockedOut, 'locked out: it believes no list or configuration that is offered'],
  [phoneExitCodes.unprovisioned, 'the manager has no configuration for it, or none with a line and a call manager'],
] as const;

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
      return 'This phone (`--security require`), the other one or the route takes encrypted calls alone. Where the manager runs `trustline calls` lists the call, `trustline call ID` says what each leg had, and `trustline ipsec explain` what a gateway lacks. Only where a call may be clear: `--security prefer`, which encrypts where both ends can, and shows what it is.';
    case 'unreachable':
      return 'See whether the manager runs, the other phone is registered, and its gateway protected: trustline status, trustline devices, trustline ipsec status';
    case 'failed':
      return 'See `trustline events` where the manager runs.';
  }
}
