import type { SipRequest } from '@trustline/sip';
import { expect, test } from 'vitest';
import { readDtmfInfo, writeDtmfInfo } from './dtmf-info.ts';

const info = (type: string, text: string) =>
  ({ headers: [{ name: 'Content-Type', value: type }], body: new TextEncoder().encode(text) }) as unknown as SipRequest;

test.each([
  ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', { digit: '5', milliseconds: 160 }],
  ['application/dtmf-relay', 'Signal= 5\nDuration= 250\n', { digit: '5', milliseconds: 250 }],
  ['Application/DTMF-Relay; charset=utf-8', 'signal=b\r\n', { digit: 'B', milliseconds: 160 }],
  ['application/dtmf-relay', 'Signal=11\r\nDuration=99999\r\n', { digit: '#', milliseconds: 5_000 }],
  ['application/dtmf-relay', 'Signal=*\r\nDuration=1\r\n', { digit: '*', milliseconds: 40 }],
  ['application/dtmf', '7', { digit: '7', milliseconds: 160 }],
  ['application/dtmf', '16', undefined],
  ['application/dtmf-relay', 'Duration=160', undefined],
  ['application/media_control+xml', '5', undefined],
])('a digit in INFO is read as phones write it, and nothing else is one: %s %j', (type, text, digit) => {
  expect(readDtmfInfo(info(type, text))).toEqual(digit);
});

test('what is written is read', () => {
  const digit = { digit: '#', milliseconds: 120 };
  expect(readDtmfInfo(info('application/dtmf-relay', new TextDecoder().decode(writeDtmfInfo(digit))))).toEqual(digit);
});
