import { describe, expect, test } from 'vitest';
import { assertPinMayBeTried, failedCall, isFormatted, pinStateOf, pinWarning, wrongPin } from './pkcs11-rules.ts';

/** CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED */
const usable = 0x408;
const low = 0x1_0000;
const finalTry = 0x2_0000;
const locked = 0x4_0000;

describe('PKCS#11 v2.40 §3.2: what a token says of its PIN is said on', () => {
  test.each([
    [usable, undefined],
    [0x400, /no PIN set/],
    [usable | low, /count low/],
    [usable | low | finalTry, /final try/],
    [usable | locked, /locked/],
  ])('flags %i', (flags, words) => {
    const warning = pinWarning(pinStateOf(flags));
    if (words === undefined) expect(warning).toBeUndefined();
    else expect(warning).toMatch(words);
    expect(isFormatted(flags)).toBe(true);
  });

  test.each([
    [usable, 'token.pin-wrong', /is wrong$/],
    [usable | low, 'token.pin-wrong', /few tries are left/],
    [usable | low | finalTry, 'token.pin-final-try', /the next wrong one locks it/],
    [usable | locked, 'token.pin-locked', /has locked it/],
  ])('a wrong PIN, and then flags %i', (flags, code, message) => {
    const error = wrongPin('token "blue" (1)', pinStateOf(flags));
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      nextStep: expect.stringMatching(/./),
    });
  });

  test('a locked PIN is not tried, and the final try only by who knows', () => {
    const trying = (flags: number, knows: boolean) => () => assertPinMayBeTried('it', pinStateOf(flags), knows);
    expect(trying(usable, false)).not.toThrow();
    expect(trying(usable | low, false)).not.toThrow();
    expect(trying(usable | finalTry, true)).not.toThrow();
    expect(trying(usable | finalTry, false)).toThrow(expect.objectContaining({ code: 'token.pin-final-try' }));
    expect(trying(usable | locked, true)).toThrow(expect.objectContaining({ code: 'token.pin-locked' }));
    expect(trying(0x400, true)).toThrow(expect.objectContaining({ code: 'token.not-formatted' }));
  });
});

test.each([
  ['CKR_DEVICE_REMOVED', 'token.removed'],
  ['CKR_TOKEN_NOT_PRESENT', 'token.removed'],
  ['CKR_SESSION_HANDLE_INVALID', 'token.removed'],
  ['CKR_SESSION_CLOSED', 'token.removed'],
  ['CKR_USER_NOT_LOGGED_IN', 'token.removed'],
  ['CKR_USER_ALREADY_LOGGED_IN', 'token.in-use'],
  ['CKR_DEVICE_MEMORY', 'token.failed'],
  ['CKR_GENERAL_ERROR', 'token.failed'],
])('%s means %s, with a next step', (answer, code) => {
  const error = failedCall('it', 'it signed', answer);
  expect(error).toMatchObject({ code, nextStep: expect.stringMatching(/./) });
});
