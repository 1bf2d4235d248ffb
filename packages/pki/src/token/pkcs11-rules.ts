import { TokenError, type TokenErrorCode } from './error.ts';

/** What a token says of its PIN, by the flags of CK_TOKEN_INFO (PKCS#11 v2.40 §3.2): never a number of tries. */
export interface PinState {
  /** The owner has set a PIN. */
  readonly set: boolean;
  /** CKF_USER_PIN_COUNT_LOW: a wrong PIN was given since the last right one. */
  readonly countLow: boolean;
  /** CKF_USER_PIN_FINAL_TRY: the next wrong PIN locks it. */
  readonly finalTry: boolean;
  /** CKF_USER_PIN_LOCKED. */
  readonly locked: boolean;
}

const flag = {
  tokenInitialized: 0x400,
  userPinInitialized: 0x8,
  userPinCountLow: 0x1_0000,
  userPinFinalTry: 0x2_0000,
  userPinLocked: 0x4_0000,
} as const;

export function isFormatted(tokenFlags: number): boolean {
  return (tokenFlags & flag.tokenInitialized) !== 0;
}

export function pinStateOf(tokenFlags: number): PinState {
  const has = (bit: number) => (tokenFlags & bit) !== 0;
  return {
    set: has(flag.userPinInitialized),
    countLow: has(flag.userPinCountLow),
    finalTry: has(flag.userPinFinalTry),
    locked: has(flag.userPinLocked),
  };
}

/** The token's own warning in a few words, or undefined when it gives none. */
export function pinWarning({ set, countLow, finalTry, locked }: PinState): string | undefined {
  if (!set) return 'no PIN set';
  if (locked) return 'PIN locked';
  if (finalTry) return 'PIN on its final try';
  return countLow ? 'PIN count low' : undefined;
}

const unlock = 'Unlock it with the security officer’s PIN (PUK) and its maker’s tool, or use your other token.';

/**
 * Whether a PIN may be tried at all. On the final try it may only when the person who gives it has been told.
 *
 * @throws {TokenError} token.pin-locked, token.pin-final-try, token.not-formatted
 */
export function assertPinMayBeTried(name: string, state: PinState, useFinalTry: boolean): void {
  if (!state.set) {
    throw new TokenError('token.not-formatted', `${name} has no PIN yet`, {
      nextStep: 'Set a user PIN with its maker’s tool (SoftHSM: softhsm2-util --init-token).',
    });
  }
  if (state.locked) throw new TokenError('token.pin-locked', `the PIN of ${name} is locked`, { nextStep: unlock });
  if (state.finalTry && !useFinalTry) {
    throw new TokenError('token.pin-final-try', `${name} has one try left; the PIN was not tried`, {
      nextStep: 'When you are sure of the PIN, run the command again with --final-try.',
    });
  }
}

/** What the token answered to a wrong PIN, with its own warning. It is not tried again by itself. */
export function wrongPin(name: string, after: PinState): TokenError {
  if (after.locked) {
    return new TokenError('token.pin-locked', `the PIN is wrong, and ${name} has locked it`, { nextStep: unlock });
  }
  if (after.finalTry) {
    return new TokenError('token.pin-final-try', `the PIN of ${name} is wrong; the next wrong one locks it`, {
      nextStep: 'Make sure of the PIN before you try again (with --final-try).',
    });
  }
  const warning = after.countLow ? '; the token warns that few tries are left' : '';
  return new TokenError('token.pin-wrong', `the PIN of ${name} is wrong${warning}`, {
    nextStep: 'Try again with the right PIN: after some wrong ones the token locks.',
  });
}

/** Return values of PKCS#11 (v2.40, pkcs11t.h) that have a meaning of their own here. */
const returnValue = {
  48: 'CKR_DEVICE_ERROR',
  49: 'CKR_DEVICE_MEMORY',
  50: 'CKR_DEVICE_REMOVED',
  160: 'CKR_PIN_INCORRECT',
  164: 'CKR_PIN_LOCKED',
  176: 'CKR_SESSION_CLOSED',
  179: 'CKR_SESSION_HANDLE_INVALID',
  224: 'CKR_TOKEN_NOT_PRESENT',
  225: 'CKR_TOKEN_NOT_RECOGNIZED',
  256: 'CKR_USER_ALREADY_LOGGED_IN',
  257: 'CKR_USER_NOT_LOGGED_IN',
} as const;

type KnownReturnValue = (typeof returnValue)[keyof typeof returnValue];

/** A session lives only as long as its token is in its slot, so one that is gone, or logged out, means the same. */
const removed: ReadonlySet<string> = new Set<KnownReturnValue>([
  'CKR_DEVICE_REMOVED',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
  'CKR_SESSION_CLOSED',
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_USER_NOT_LOGGED_IN',
]);

/** The name of a return value, or undefined for one without a meaning here. */
export function returnValueName(value: number): KnownReturnValue | undefined {
  return (returnValue as Readonly<Record<number, KnownReturnValue>>)[value];
}

/**
 * The error for a PKCS#11 call that failed, except for a wrong PIN.
 *
 * @param answer name of the return value, as `CKR_DEVICE_REMOVED`
 */
export function failedCall(name: string, doing: string, answer: string): TokenError {
  const [code, message, nextStep]: readonly [TokenErrorCode, string, string] = removed.has(answer)
    ? [
        'token.removed',
        `${name} was removed while ${doing}`,
        'Put it in again and repeat the command; nothing was changed.',
      ]
    : answer === 'CKR_USER_ALREADY_LOGGED_IN'
      ? ['token.in-use', `${name} is in use by this program already`, 'Finish what uses it, then try again.']
      : answer === 'CKR_DEVICE_MEMORY'
        ? ['token.failed', `${name} has no room for it`, 'Remove what it does not need with its maker’s tool.']
        : ['token.failed', `${name} failed while ${doing} (${answer})`, 'Look the answer up in its maker’s manual.'];
  return new TokenError(code, message, { nextStep });
}
