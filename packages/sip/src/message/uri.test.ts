import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeUser, formatUri, parseSipUri, parseUri, unescapeUri } from './uri.ts';
import { equalUris } from './uri-compare.ts';

describe('reading', () => {
  test.each([
    'sip:alice@atlanta.com',
    'sip:alice:secretword@atlanta.com;transport=tcp',
    'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:+1-212-555-1212:1234@gateway.com;user=phone',
    'sips:1212@gateway.com',
    'sip:alice@192.0.2.4',
    'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com',
    'sip:alice;day=tuesday@atlanta.com',
    'sip:alice@[2001:db8::10]:5070;lr',
    'tel:+1-201-555-0123',
    'tel:7042;phone-context=example.com',
    'urn:service:sos',
  ])('%s comes out as it went in (RFC 3261 §19.1.3, RFC 3966)', (text) => {
    const uri = parseUri(text);
    expect(uri && formatUri(uri)).toBe(text);
  });

  test.each([
    ['no scheme', 'alice@atlanta.com'],
    ['an empty user', 'sip:@atlanta.com'],
    ['no host', 'sip:alice@'],
    ['a bad escape', 'sip:al%4@atlanta.com'],
    ['two @', 'sip:alice@bob@atlanta.com'],
    ['a port of 0', 'sip:atlanta.com:0'],
    ['a port of 65536', 'sip:atlanta.com:65536'],
    ['an IPv6 address without brackets (RFC 5118 §4.3)', 'sip:2001:db8::10'],
    ['a bracket that stays open', 'sip:alice@[2001:db8::10'],
    ['a name in brackets', 'sip:alice@[atlanta.com]'],
    ['a parameter twice (§19.1.1)', 'sip:atlanta.com;lr;LR'],
    ['an empty parameter', 'sip:atlanta.com;'],
    ['an empty header name', 'sip:atlanta.com?=x'],
    ['white space', 'sip:alice @atlanta.com'],
    ['a line break', 'sip:alice@atlanta.com\r\n'],
    ['a closing bracket', 'sip:alice@atlanta.com>'],
    ['letters in a global number', 'tel:+49CALL'],
    ['no digits', 'tel:-'],
  ])('refuses %s', (_, text) => {
    expect(parseUri(text)).toBeUndefined();
  });

  test('an escaped delimiter stays in the user part', () => {
    expect(parseSipUri('sip:a%40b@example.com')).toMatchObject({ user: 'a%40b', host: 'example.com' });
  });
});

describe('escaping a user part', () => {
  test('gives it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const uri = parseSipUri(`sip:${escapeUser(text)}@example.com`);
        expect(unescapeUri(uri?.user ?? '')).toBe(text.toWellFormed());
      }),
    );
  });

  test('leaves a % that escapes nothing', () => {
    expect(unescapeUri('100%')).toBe('100%');
    expect(unescapeUri('%zz')).toBe('%zz');
  });
});

describe('comparing (RFC 3261 §19.1.4)', () => {
  const equal = (a: string, b: string) => {
    const [left, right] = [parseUri(a), parseUri(b)];
    if (left === undefined || right === undefined) return expect.fail('malformed');
    expect(equalUris(left, right)).toBe(equalUris(right, left));
    return equalUris(left, right);
  };

  test.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
    ['tel:7042;phone-context=Example.com', 'tel:7042;phone-context=example.com'],
  ])('%s equals %s', (a, b) => expect(equal(a, b)).toBe(true));

  test.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
    ['sip:a%40b@biloxi.com', 'sip:a%2fb@biloxi.com'],
    ['sip:a%3bb@biloxi.com', 'sip:a;b@biloxi.com'],
    ['tel:+12015550123', 'tel:12015550123'],
  ])('%s does not equal %s', (a, b) => expect(equal(a, b)).toBe(false));
});
