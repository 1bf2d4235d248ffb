import { createResponse, type SipRequest } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { registrationAdvice } from './registration-advice.ts';

const register: SipRequest = {
  kind: 'request',
  method: 'REGISTER',
  uri: 'sip:cm.example',
  headers: [],
  body: new Uint8Array(0),
};
const challenge = (...algorithms: readonly string[]) =>
  createResponse(register, 401, {
    headers: algorithms.map((algorithm) => ({
      name: 'WWW-Authenticate',
      value: `Digest realm="trustline", nonce="n"${algorithm === '' ? '' : `, algorithm=${algorithm}`}, qop="auth"`,
    })),
  });

describe('what can be done about a registration that was refused', () => {
  const proof = { username: 'SEP001122334455' };

  test.each([
    [['MD5'], 'by MD5 alone'],
    [[''], 'by MD5 alone'], // RFC 7616 §3.3: absent means MD5
    [['SHA-512-256'], 'by SHA-512-256 alone'],
    [['MD5', 'SHA-256'], 'The password is not that of SEP001122334455'],
  ])('a challenge by %j', (algorithms, words) => {
    expect(registrationAdvice(challenge(...algorithms), proof)).toContain(words);
  });

  test('who answers MD5 too has the wrong password; who has a certificate is told so', () => {
    expect(registrationAdvice(challenge('MD5'), { ...proof, allowMd5: true })).toContain('The password is not');
    expect(registrationAdvice(challenge('MD5'), undefined)).toContain('connect it by TLS');
  });

  test('any other answer: where to look; none: nothing', () => {
    expect(registrationAdvice(createResponse(register, 403), proof)).toContain('trustline events');
    expect(registrationAdvice(undefined, proof)).toBeUndefined();
  });
});
