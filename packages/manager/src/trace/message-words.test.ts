import { createResponse, type SipRequest } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { mediaWords, messageWords, reasonWords } from './message-words.ts';

const request = (method: string, body = ''): SipRequest => ({
  kind: 'request',
  method,
  uri: 'sip:1002@cm.example',
  headers: [
    { name: 'Via', value: 'SIP/2.0/TLS 192.0.2.7;branch=z9hG4bKa' },
    { name: 'CSeq', value: `1 ${method}` },
  ],
  body: Buffer.from(body),
});
const description = (media: string) =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.7', 's=-', 'c=IN IP4 192.0.2.7', 't=0 0', media, ''].join('\r\n');
const crypto = (tag: number, suite: string) => `a=crypto:${tag} ${suite} inline:c2VjcmV0`;

test('a message in few words', () => {
  expect(messageWords(request('INVITE'))).toBe('INVITE 1002');
  expect(messageWords(request('BYE'))).toBe('BYE');
  expect(messageWords(createResponse(request('INVITE'), 180, { reason: 'Ringing' }))).toBe('180 Ringing');
  expect(messageWords(createResponse(request('BYE'), 200, { reason: 'OK' }))).toBe('200 OK (BYE)');
});

test('why, in the words of a refusal for people, whole and bounded (RFC 3261 §20.43, RFC 3326)', () => {
  const refusal = (headers: readonly { name: string; value: string }[], status = 404) =>
    createResponse(request('INVITE'), status, { headers });
  const warning = { name: 'Warning', value: '399 192.0.2.1:5061 "no \\"line\\" has this number"' };
  const reason = { name: 'Reason', value: 'Q.850;cause=1;text="no line"' };
  expect(reasonWords(refusal([reason, warning]))).toBe('no "line" has this number');
  expect(reasonWords(refusal([reason]))).toBe('no line');
  expect(reasonWords(refusal([warning], 200))).toBeUndefined();
  expect(reasonWords(refusal([{ name: 'Warning', value: `399 x "${'a'.repeat(900)}"` }]))).toHaveLength(200);
  expect(reasonWords(request('BYE'))).toBeUndefined();
  const shown = { name: 'Call-Info', value: '<urn:x>; security=Encrypted; until="gw1"; notice="IPsec to gw1 is gone"' };
  const update = request('UPDATE');
  expect(reasonWords({ ...update, headers: [...update.headers, shown] })).toBe('IPsec to gw1 is gone');
});

describe('what a message says of media', () => {
  test.each([
    ['m=audio 4000 RTP/AVP 0', 'RTP/AVP'],
    ['m=audio 4000 RTP/AVP 0\r\na=inactive', 'RTP/AVP, inactive'],
    [`m=audio 4000 RTP/SAVP 0\r\n${crypto(1, 'AEAD_AES_256_GCM')}`, 'RTP/SAVP AEAD_AES_256_GCM'],
    [
      `m=audio 4000 RTP/SAVP 0\r\n${crypto(1, 'AEAD_AES_128_GCM')}\r\n${crypto(2, 'AEAD_AES_256_GCM')}\r\n${crypto(3, 'AEAD_AES_256_GCM')}\r\na=sendonly`,
      'RTP/SAVP AEAD_AES_128_GCM and 1 more, sendonly',
    ],
    ['m=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 99', 'RTP/AVP; video refused'],
    ['m=audio 4000 RTP/SAVP 0\r\na=crypto:x c2VjcmV0c2VjcmV0', 'RTP/SAVP unknown suite'],
  ])('%j', (media, words) => {
    expect(mediaWords(request('INVITE', description(media)))).toBe(words);
  });

  test('is nothing where there is no description, or none that can be read', () => {
    expect(mediaWords(request('BYE'))).toBeUndefined();
    expect(mediaWords(request('MESSAGE', 'inline:c2VjcmV0'))).toBeUndefined();
  });
});
