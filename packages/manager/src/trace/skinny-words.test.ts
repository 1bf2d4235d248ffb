import { CallState, type SccpMessage, SoftKeyEvent } from '@trustline/sccp';
import { expect, test } from 'vitest';
import { isOfCall, protectionText, skinnyWords } from './skinny-words.ts';

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

test('of prompts those are told that are about the protection of a gateway', () => {
  const prompt = (promptStatus: string): SccpMessage => ({
    ...{ kind: 'DisplayPromptStatus', timeOutValue: 0, lineInstance: 1, callReference: 3 },
    promptStatus,
  });
  expect(protectionText(prompt('IPsec to gw1 is gone'))).toBe('IPsec to gw1 is gone');
  expect(isOfCall(prompt('IPsec to gw1 is gone'))).toBe(true);
  expect(isOfCall(prompt('Connected'))).toBe(false);
});

test('a digit is not told, and is none of what a call is read in', () => {
  const digit: SccpMessage = { kind: 'KeypadButton', kpButton: 7 };
  expect(skinnyWords(digit)).toBe('KeypadButton');
  expect(isOfCall(digit)).toBe(false);
});
