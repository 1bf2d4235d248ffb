import type { SipFlow } from '@trustline/sip';
import { expect, test } from 'vitest';
import { diversionHeaders } from './diversion-headers.ts';

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
