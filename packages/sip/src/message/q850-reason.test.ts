import { expect, test } from 'vitest';
import { q850CauseOfReason } from './q850-reason.ts';
import type { SipRequest } from './types.ts';

function bye(...reasons: readonly string[]): SipRequest {
  const headers = reasons.map((value) => ({ name: 'Reason', value }));
  return { kind: 'request', method: 'BYE', uri: 'sip:1001@example.com', headers, body: new Uint8Array(0) };
}

test.each([
  [['Q.850;cause=16'], 16],
  [['q.850 ; text="Normal" ; cause = 17'], 17],
  [['SIP;cause=200;text="elsewhere, in fact", Q.850;cause=34;text="no circuit"'], 34],
  [['SIP;cause=503', 'Q.850;cause=41'], 41],
  [['Q.850;cause=21;text="he said ; cause=16"'], 21],
  [['Q.850;text=", Q.850;cause=16"'], undefined],
  [['SIP;cause=16'], undefined],
  [['Q.850;cause=160'], undefined],
  [['Q.850;cause=0'], undefined],
  [['Q.850;cause=1600'], undefined],
  [[], undefined],
] as const)('RFC 3326 §2: the Q.850 cause of %j is %s', (reasons, cause) => {
  expect(q850CauseOfReason(bye(...reasons))).toBe(cause);
});
