import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideKeys } from './hidden-keys.ts';

const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';

describe('what of a message opens media or passwords is hidden', () => {
  test.each([
    [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4`, '|2^20|1:4'],
    [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key};inline:${key}|2^20|2:4 KDR=1`, ' KDR=1'],
    [`A=CRYPTO:1 AES_CM_128_HMAC_SHA1_80 INLINE:${key}`, ''],
    [`a=key-mgmt:mikey ${key}`, ''],
    [`k=base64:${key}`, ''],
    [`Authorization: Digest username="1001", response="${key}", qop=auth`, 'qop=auth'],
    [`Proxy-Authorization : Digest response = "${key}"`, ''],
  ])('%s', (line, rest) => {
    const text = `INVITE sip:1002@cm SIP/2.0\r\n${line}\r\na=sendrecv\r\n`;
    const hidden = hideKeys(text);
    expect(hidden).not.toContain(key);
    expect(hidden).toHaveLength(text.length);
    expect(hidden).toContain(rest);
  });

  test('and so is what people write to each other (RFC 3428)', () => {
    const hidden = hideKeys('MESSAGE sip:1002@cm SIP/2.0\r\nContent-Type: text/plain\r\n\r\nSee you at ½ 3');
    expect(hidden).toBe('MESSAGE sip:1002@cm SIP/2.0\r\nContent-Type: text/plain\r\n\r\nxxxxxxxxxxxxxxx');
  });

  test('and nothing else: a message without keys stays as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-j :;\r\n]*$/), (text) => {
        expect(hideKeys(text)).toBe(text);
      }),
    );
  });
});
