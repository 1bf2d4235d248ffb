import { describe, expect, test } from 'vitest';
import { parseDatagram } from './parse.ts';
import { invite, octets, options } from './samples.ts';
import { validateMessage } from './validate.ts';

function judged(text: string): readonly [string | undefined, number | undefined] {
  const result = parseDatagram(octets(text));
  if (!result.ok) return expect.fail(result.error.message);
  const refused = validateMessage(result.message);
  return [refused?.error.code, refused?.respondable?.status];
}

function withLines(...lines: readonly string[]): string {
  return options.replace('\r\n\r\n', `\r\n${lines.join('\r\n')}\r\n\r\n`);
}

describe('what a server asks of every message', () => {
  test.each([options, invite, withLines('Contact: *'), withLines('Allow: INVITE,,ACK,'), withLines('Supported:')])(
    'lets a good one through',
    (text) => expect(judged(text)).toEqual([undefined, undefined]),
  );

  test.each([
    ['a Route', 'Route: <sip:a;lr>, x'],
    ['a Contact', 'Contact: <sip:a'],
    [
      'a Contact: * beside another, which would bind and remove at once (RFC 3261 §10.2.2)',
      'Contact: *\r\nContact: <sip:a@b>',
    ],
    ['a Path', 'Path: sip'],
    ['an identity', 'P-Asserted-Identity: "x <sip:a@b>'],
    ['two Refer-To in one', 'Refer-To: <sip:a@b>, <sip:c@d>'],
    ['a Require', 'Require: a b'],
    ['a Content-Type', 'Content-Type: sdp'],
  ])('refuses %s that is malformed', (_, line) => {
    expect(judged(withLines(line))).toEqual(['sip.bad-header', 400]);
  });

  test.each([
    ['From', 'From: "Alice" <sip:1001@pbx.example.com>', 'From: Alice, <sip:1001@pbx.example.com>'],
    ['Call-ID', 'Call-ID: a84b', 'Call-ID: a 84b'],
  ])('refuses a malformed %s', (_, before, after) => {
    expect(judged(options.replace(before, after))).toEqual(['sip.bad-header', 400]);
  });

  test('a Request-URI that is malformed is answered 400, one of another scheme 416 (RFC 3261 §8.2.2.1)', () => {
    const to = (uri: string) => options.replace('sip:1002@pbx.example.com SIP', `${uri} SIP`);
    expect(judged(to('sip:@x'))).toEqual(['sip.bad-uri', 400]);
    expect(judged(to('1002'))).toEqual(['sip.bad-uri', 400]);
    expect(judged(to('sip:x?Route=%3Csip:y%3E'))).toEqual(['sip.bad-uri', 400]);
    expect(judged(to('http://example.com'))).toEqual(['sip.unsupported-uri-scheme', 416]);
    expect(judged(to('tel:+1-201-555-0123'))).toEqual([undefined, undefined]);
  });

  test('a malformed response is refused and never answered', () => {
    const response = withLines('Contact: <sip:a').replace(/^.*/, 'SIP/2.0 200 OK');
    expect(judged(response)).toEqual(['sip.bad-header', undefined]);
  });
});
