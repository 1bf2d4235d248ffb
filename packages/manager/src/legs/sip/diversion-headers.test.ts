import type { SipFlow, SipHeader, SipRequest } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { diversionHeaders, diversionsOf } from './diversion-headers.ts';

const flow = {
  id: 'f',
  transport: 'tls',
  local: { host: '192.0.2.1', port: 5061 },
  remote: { host: '192.0.2.7', port: 40000 },
} as SipFlow;

test('RFC 7044 §5, RFC 5806 §4: the way of a call, oldest first and newest first', () => {
  const diversions = [
    { from: '1001', to: '1002', reason: 'user-busy' },
    { from: '1002', to: '1003', reason: 'no-answer' },
  ] as const;
  expect(diversionHeaders(diversions, '1003', flow)).toEqual([
    {
      name: 'History-Info',
      value:
        '<sip:1001@192.0.2.1?Reason=SIP%3Bcause%3D486>;index=1, ' +
        '<sip:1002@192.0.2.1?Reason=SIP%3Bcause%3D408>;index=1.1;mp=1, <sip:1003@192.0.2.1>;index=1.1.1;mp=1.1',
    },
    { name: 'Diversion', value: '<sip:1002@192.0.2.1>;reason=no-answer, <sip:1001@192.0.2.1>;reason=user-busy' },
  ]);
});

test('a call for this line from the start has neither', () => {
  expect(diversionHeaders([], '1003', flow)).toEqual([]);
});

describe('what a trunk says of the way of a call', () => {
  const invite = (headers: readonly SipHeader[]) =>
    ({ kind: 'request', method: 'INVITE', uri: 'sip:1003@x', headers, body: new Uint8Array(0) }) as SipRequest;

  test('RFC 5806 §4.1: Diversion, newest first', () => {
    const value = '<sip:1002@a>;reason=no-answer;counter=1, "B" <tel:+49-1001>;reason=odd';
    expect(diversionsOf(invite([{ name: 'Diversion', value }]))).toEqual([
      { from: '+491001', to: '1002', reason: 'unknown' },
      { from: '1002', to: '1003', reason: 'no-answer' },
    ]);
  });

  test('RFC 7044 §5: without it History-Info, oldest first, the last being where the call is now', () => {
    const value = '<sip:1001@a?Reason=SIP%3Bcause%3D486>;index=1, <sip:1002@a>;index=1.1, <sip:1003@x>;index=1.1.1';
    expect(diversionsOf(invite([{ name: 'History-Info', value }]))).toEqual([
      { from: '1001', to: '1002', reason: 'user-busy' },
      { from: '1002', to: '1003', reason: 'unknown' },
    ]);
  });

  test('what cannot be read is not believed, and of a long way not more than ten steps', () => {
    expect(diversionsOf(invite([{ name: 'Diversion', value: '<' }]))).toEqual([]);
    const value = Array.from({ length: 50 }, (_, at) => `<sip:${at}@a>`).join(', ');
    expect(diversionsOf(invite([{ name: 'Diversion', value }]))).toHaveLength(10);
  });
});
