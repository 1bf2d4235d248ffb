import { expect, test } from 'vitest';
import { overloadFeedback, withOverloadFeedback, withOverloadSupport } from './overload.ts';
import { createResponse } from './response.ts';
import type { SipRequest, SipResponse } from './types.ts';
import { topVia } from './via.ts';

const request: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:1002@cm.example',
  headers: [{ name: 'Via', value: 'SIP/2.0/TLS p1.example.net;branch=z9hG4bK2d4790.1' }],
  body: new Uint8Array(0),
};
const feedback = { loss: 20, validity: 500, sequence: 1_282_321_615.782 };
const answered = (to: SipRequest) => withOverloadFeedback(createResponse(to, 503), () => feedback);
const viaOf = (value: string): SipResponse => ({ ...createResponse(request, 503), headers: [{ name: 'Via', value }] });

test('RFC 7339 §5: who says that it obeys is told of the load, and reads it as it was meant', () => {
  const supporting = withOverloadSupport(request);
  expect(supporting.headers[0]?.value).toBe('SIP/2.0/TLS p1.example.net;branch=z9hG4bK2d4790.1;oc;oc-algo="loss"');
  const response = answered(supporting);
  expect(response.headers[0]?.value).toBe(
    'SIP/2.0/TLS p1.example.net;branch=z9hG4bK2d4790.1;oc=20;oc-algo="loss";oc-validity=500;oc-seq=1282321615.782',
  );
  expect(overloadFeedback(response)).toEqual(feedback);
});

test('RFC 7339 §4: who says nothing of it, or speaks another scheme, is told nothing', () => {
  expect(answered(request)).toEqual(createResponse(request, 503));
  const other = { ...request, headers: [{ name: 'Via', value: 'SIP/2.0/TLS p1;branch=z9hG4bK1;oc;oc-algo="rate"' }] };
  expect(topVia(answered(other))?.parameters).toHaveLength(3);
  expect(overloadFeedback(createResponse(request, 200))).toBeUndefined();
});

test('RFC 7339 §4.3: a validity that is not said is half a second; what cannot be read is no feedback', () => {
  expect(overloadFeedback(viaOf('SIP/2.0/UDP a;oc=7;oc-seq=5'))).toEqual({ loss: 7, validity: 500, sequence: 5 });
  for (const wrong of ['oc=101;oc-seq=5', 'oc=x;oc-seq=5', 'oc=5', 'oc=5;oc-seq=1e9', 'oc=5;oc-seq=5;oc-algo="rate"']) {
    expect(overloadFeedback(viaOf(`SIP/2.0/UDP a;${wrong}`))).toBeUndefined();
  }
});
