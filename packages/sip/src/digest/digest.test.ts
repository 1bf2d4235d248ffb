import { Redacted } from '@trustline/base';
import { SeededRandom } from '@trustline/testing';
import { describe, expect, test } from 'vitest';
import { appendHeader, headerValue, withHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import type { SipRequest } from '../message/types.ts';
import { type DigestAlgorithm, digestHa1, digestResponse, digestUserhash } from './algorithm.ts';
import { DigestClient } from './client.ts';
import { parseDigest } from './header.ts';
import { DigestServer, type DigestServerOptions } from './server.ts';

const none = new Uint8Array(0);

describe('the examples of RFC 7616', () => {
  const mufasa = {
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nonceCount: '00000001',
    clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    qop: 'auth',
    body: none,
  } as const;

  test.each([
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ] as const)('§3.9.1: %s', (algorithm, response) => {
    const ha1 = digestHa1(algorithm, 'Mufasa', 'http-auth@example.org', 'Circle of Life');
    expect(digestResponse(algorithm, { ...mufasa, ha1 })).toBe(response);
  });

  test('§3.9.2: SHA-512-256 with a hashed name, as the erratum 4897 corrects it', () => {
    // The figures printed in the RFC were made with SHA-512 cut to 256 bits, which is another function.
    const ha1 = digestHa1('SHA-512-256', 'J\u00e4s\u00f8n Doe', 'api@example.org', 'Secret, or not?');
    expect(digestUserhash('SHA-512-256', 'J\u00e4s\u00f8n Doe', 'api@example.org')).toBe(
      '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
    );
    const response = digestResponse('SHA-512-256', {
      ...mufasa,
      ha1,
      uri: '/doe.json',
      nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
      clientNonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
    });
    expect(response).toBe('3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5');
  });
});

const request: SipRequest = {
  kind: 'request',
  method: 'REGISTER',
  uri: 'sip:cm.example',
  headers: [
    { name: 'From', value: '<sip:1001@cm.example>;tag=a' },
    { name: 'To', value: '<sip:1001@cm.example>' },
    { name: 'Call-ID', value: 'c' },
    { name: 'CSeq', value: '1 REGISTER' },
  ],
  body: none,
};

function setUp(options: Partial<DigestServerOptions> = {}, allowMd5 = false, password = 'secret') {
  const { bytes } = new SeededRandom(1);
  const server = new DigestServer({ realm: 'cm.example', secret: bytes(32), random: bytes, ...options });
  const client = new DigestClient({ username: '1001', password: new Redacted(password), allowMd5, random: bytes });
  const lookup = ({ algorithm, username, hashed, realm }: Parameters<Parameters<DigestServer['verify']>[2]>[0]) => {
    const known = hashed ? username === digestUserhash(algorithm, '1001', realm) : username === '1001';
    return known ? { username: '1001', ha1: digestHa1(algorithm, '1001', realm, 'secret') } : undefined;
  };
  const challenge = (now: number, stale = false) =>
    createResponse(request, 401, { toTag: 't', headers: server.challenge(now, { stale }) });
  const verify = (now: number, message: SipRequest) => server.verify(now, message, lookup);
  /** The request as the client sends it after a challenge. */
  const answered = (now: number): SipRequest => {
    const header = client.answer(request, challenge(now));
    if (header === undefined) throw new Error('the client gave up');
    return appendHeader(request, header.name, header.value);
  };
  return { server, client, challenge, verify, answered };
}

describe('client and server', () => {
  test.each([
    ['SHA-256 by default', {}, false, 'SHA-256'],
    ['SHA-256 before MD5 where both are offered (RFC 8760 §2.3)', { algorithms: ['SHA-256', 'MD5'] }, true, 'SHA-256'],
    ['MD5 where both sides allow it', { algorithms: ['MD5'] }, true, 'MD5'],
    ['a hashed name (RFC 7616 §3.4.4)', { userhash: true }, false, 'SHA-256'],
    ['the body too (auth-int)', { qop: ['auth-int'] }, false, 'SHA-256'],
  ] as const satisfies readonly (readonly [string, Partial<DigestServerOptions>, boolean, DigestAlgorithm])[])(
    'agree on %s',
    (_title, options, allowMd5, algorithm) => {
      const { answered, verify } = setUp(options, allowMd5);
      expect(verify(10, answered(0))).toEqual({ kind: 'verified', username: '1001', algorithm });
    },
  );

  test('MD5 is not answered unless it is allowed, and not taken unless it was offered', () => {
    const { client, challenge } = setUp({ algorithms: ['MD5'] });
    expect(client.answer(request, challenge(0))).toBeUndefined();
    const { answered } = setUp({ algorithms: ['MD5'] }, true);
    expect(setUp().verify(0, answered(0))).toMatchObject({ kind: 'refused', reason: 'algorithm' });
  });

  test('a wrong password and an unknown user are told apart for the log, and the client does not try twice', () => {
    const { answered, verify, client, challenge } = setUp({}, false, 'wrong');
    const message = answered(0);
    expect(verify(0, message)).toEqual({ kind: 'refused', reason: 'wrong-password', username: '1001' });
    expect(client.answer(message, challenge(0))).toBeUndefined();
    const stranger = withHeader(
      message,
      'Authorization',
      `${headerValue(message, 'Authorization')}`.replace('"1001"', '"9"'),
    );
    expect(verify(0, stranger)).toMatchObject({ reason: 'unknown-user', username: '9' });
  });

  test('credentials are good for one request: replay, another method and another URI are refused', () => {
    const { answered, verify } = setUp();
    const message = answered(0);
    expect(verify(0, { ...message, method: 'INVITE' })).toMatchObject({ reason: 'wrong-password' });
    expect(verify(0, { ...message, uri: 'sip:other' })).toMatchObject({ reason: 'uri' });
    expect(verify(0, message)).toMatchObject({ kind: 'verified' });
    expect(verify(0, message)).toMatchObject({ reason: 'replayed' });
  });

  test('a nonce serves many requests, whose counts may change places a little', () => {
    const { answered, verify, client } = setUp();
    verify(0, answered(0));
    const next = Array.from({ length: 40 }, () => client.credentials(request)).map((header) =>
      appendHeader(request, 'Authorization', header?.value ?? ''),
    );
    const at = (index: number) => verify(0, next[index] ?? request).kind;
    expect([at(1), at(0), at(0), at(39), at(38), at(2)]).toEqual([
      'verified',
      'verified',
      'refused',
      'verified',
      'verified',
      'refused',
    ]);
  });

  test('an old nonce is stale, not wrong, and the client goes on with the new one (RFC 7616 §3.3)', () => {
    const { answered, verify, client, challenge } = setUp();
    const message = answered(0);
    expect(verify(300_001, message)).toEqual({ kind: 'stale' });
    const again = client.answer(message, challenge(300_001, true));
    expect(verify(300_002, withHeader(message, 'Authorization', again?.value ?? ''))).toMatchObject({
      kind: 'verified',
    });
  });

  test('a nonce with a later time is refused, and one of another server is stale (RFC 7616 §3.3)', () => {
    const { answered, verify } = setUp();
    const message = answered(0);
    const value = headerValue(message, 'Authorization') ?? '';
    const forged = withHeader(message, 'Authorization', value.replace('nonce="0.', 'nonce="zz.'));
    expect(verify(0, forged)).toMatchObject({ reason: 'foreign-nonce' });
    const other = setUp({ secret: new Uint8Array(32) });
    // Whoever knows the password is only asked anew: after a restart every phone has a nonce of before.
    expect(other.verify(0, message)).toEqual({ kind: 'stale' });
  });

  test('a nonce whose counts had to be forgotten is stale, so that a full table opens no replay', () => {
    const { answered, verify } = setUp({ maximumNonces: 2 });
    const first = answered(0);
    expect(verify(1, first)).toMatchObject({ kind: 'verified' });
    verify(2, answered(1));
    verify(3, answered(2));
    expect(verify(4, first)).toEqual({ kind: 'stale' });
  });

  test('no credentials are missing, broken or doubled ones malformed', () => {
    const { answered, verify } = setUp();
    const message = answered(0);
    const value = headerValue(message, 'Authorization') ?? '';
    expect(verify(0, request)).toEqual({ kind: 'missing' });
    expect(verify(0, appendHeader(request, 'Authorization', 'Basic eDp5'))).toEqual({ kind: 'missing' });
    expect(verify(0, appendHeader(request, 'Authorization', 'Digest realm='))).toMatchObject({ reason: 'malformed' });
    expect(verify(0, appendHeader(message, 'Authorization', value))).toMatchObject({ reason: 'malformed' });
    expect(verify(0, withHeader(message, 'Authorization', value.replace(/, qop=auth/, '')))).toMatchObject({
      reason: 'malformed',
    });
  });
});

test('a directive that stands twice has two readings and is not read', () => {
  expect(parseDigest('Digest realm="a", REALM="b"')).toBeUndefined();
  expect(parseDigest('Digest realm="a\\"b" , nonce=x')?.get('realm')).toBe('a"b');
});
