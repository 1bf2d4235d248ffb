import { CallState, type SccpMessage, SoftKeyEvent } from '@trustline/sccp';
import { expect, test } from 'vitest';
import { isOfCall, skinnyWords } from './skinny-words.ts';

test.each<[string, SccpMessage]>([
  ['OffHook', { kind: 'OffHook' }],
  ['CallState Connected', { kind: 'CallState', callState: CallState.Connected, lineInstance: 1, callReference: 3 }],
  ['SoftKeyEvent Hold', { kind: 'SoftKeyEvent', softKeyEvent: SoftKeyEvent.Hold }],
  ['SoftKeyEvent 999', { kind: 'SoftKeyEvent', softKeyEvent: 999 }],
  ['DialedNumber 1002', { kind: 'DialedNumber', dialedNumber: '1002', lineInstance: 1, callReference: 3 }],
])('%s', (words, message) => {
  expect(skinnyWords(message)).toBe(words);
  expect(isOfCall(message)).toBe(true);
});

test('a digit is not told, and is none of what a call is read in', () => {
  const digit: SccpMessage = { kind: 'KeypadButton', kpButton: 7 };
  expect(skinnyWords(digit)).toBe('KeypadButton');
  expect(isOfCall(digit)).toBe(false);
});
