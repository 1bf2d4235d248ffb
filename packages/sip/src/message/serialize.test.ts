import { describe, expect, test } from 'vitest';
import { appendHeader, headerValue, prependHeader, withBody, withHeader, withoutHeader } from './headers.ts';
import { parseDatagram } from './parse.ts';
import { createResponse } from './response.ts';
import { invite, octets, options } from './samples.ts';
import { serializeMessage } from './serialize.ts';
import type { SipRequest } from './types.ts';

function request(text: string): SipRequest {
  const result = parseDatagram(octets(text));
  if (!result.ok || result.message.kind !== 'request') return expect.fail('not a request');
  return result.message;
}

describe('serializing', () => {
  test('a well-formed message comes out as it went in', () => {
    for (const text of [options, invite]) {
      expect(new TextDecoder().decode(serializeMessage(request(text)))).toBe(text);
    }
  });

  test('Content-Length is the body’s, whatever the headers say', () => {
    const lying = withHeader(request(options), 'Content-Length', '3');
    const compact = { ...lying, headers: [...lying.headers, { name: 'l', value: '4' }], body: octets('hello') };
    expect(new TextDecoder().decode(serializeMessage(compact)).match(/^(Content-Length|l):.*/gim)).toEqual([
      'Content-Length: 5',
    ]);
  });

  test('text beyond ASCII is UTF-8, and the body follows it whole', () => {
    const message = withHeader(withBody(request(options), 'text/plain', octets('body')), 'Subject', 'Grüße 停電');
    const again = parseDatagram(serializeMessage(message));
    expect(again.ok && headerValue(again.message, 'Subject')).toBe('Grüße 停電');
    expect(again.ok && new TextDecoder().decode(again.message.body)).toBe('body');
  });

  const base = request(options);
  test.each<[string, SipRequest]>([
    ['a line break in a value', withHeader(base, 'Subject', 'x\r\nRoute: <sip:mallory.example>')],
    ['CR in a value', withHeader(base, 'Subject', 'x\ry')],
    ['LF in a value', withHeader(base, 'X-Any', 'x\ny')],
    ['NUL in a value', withHeader(base, 'Subject', 'x\0y')],
    ['a line break in a name', appendHeader(base, 'X\r\nY', 'z')],
    ['a colon in a name', appendHeader(base, 'X: y', 'z')],
    ['an empty name', appendHeader(base, '', 'z')],
    ['a space in the Request-URI', { ...base, uri: 'sip:a SIP/2.0' }],
    ['a line break in the Request-URI', { ...base, uri: 'sip:a\r\nX:' }],
    ['an empty Request-URI', { ...base, uri: '' }],
    ['a space in the method', { ...base, method: 'OPTIONS x' }],
  ])('refuses %s', (_, message) => {
    expect(() => serializeMessage(message)).toThrow(expect.objectContaining({ code: 'sip.unsafe-value' }));
  });

  test('refuses a line break in a reason phrase', () => {
    const response = createResponse(base, 200, { reason: 'OK\r\nX: y' });
    expect(() => serializeMessage(response)).toThrow(expect.objectContaining({ code: 'sip.unsafe-value' }));
  });

  test('messages do not overwrite each other', () => {
    const first = serializeMessage(base);
    const kept = first.slice();
    for (let i = 0; i < 1_000; i++) serializeMessage(request(invite));
    expect(first).toEqual(kept);
  });
});

describe('headers', () => {
  const base = request(options);

  test('are set in their place, and once', () => {
    const twice = appendHeader(base, 'Via', 'SIP/2.0/UDP b');
    const once = withHeader(twice, 'v', 'SIP/2.0/UDP c');
    expect(once.headers.filter(({ name }) => name === 'Via')).toEqual([{ name: 'Via', value: 'SIP/2.0/UDP c' }]);
    expect(once.headers[0]?.name).toBe('Via');
  });

  test('are put first and taken away', () => {
    expect(headerValue(prependHeader(base, 'v', 'SIP/2.0/UDP b'), 'Via')).toBe('SIP/2.0/UDP b');
    expect(headerValue(withoutHeader(base, 'f'), 'From')).toBeUndefined();
  });
});

describe('responses', () => {
  test('carry Via, From, To, Call-ID and CSeq back, and a tag of ours in To (RFC 3261 §8.2.6.2)', () => {
    const text = new TextDecoder().decode(serializeMessage(createResponse(request(invite), 180, { toTag: 'here' })));
    expect(text).toBe(
      [
        'SIP/2.0 180 Ringing',
        'Via: SIP/2.0/TLS 192.0.2.11:5061;branch=z9hG4bK776asdhds;rport',
        'To: <sips:1002@pbx.example.com>;tag=here',
        'From: "Alice" <sips:1001@pbx.example.com>;tag=1928301774',
        'Call-ID: a84b4c76e66710@192.0.2.11',
        'CSeq: 314159 INVITE',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  test('keep the tag that To had (RFC 3261 §8.2.6.2)', () => {
    const inside = request(
      options.replace('To: <sip:1002@pbx.example.com>', 'To: <sip:1002@pbx.example.com>;tag=theirs'),
    );
    expect(headerValue(createResponse(inside, 200, { toTag: 'ours' }), 'To')).toBe(
      '<sip:1002@pbx.example.com>;tag=theirs',
    );
  });

  test.each([0, 99, 700, 200.5, Number.NaN])('refuse the status %s', (status) => {
    expect(() => createResponse(request(options), status)).toThrow(expect.objectContaining({ code: 'sip.bad-status' }));
  });
});
