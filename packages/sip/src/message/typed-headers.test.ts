import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCallInfo, parseCallInfo } from './call-info.ts';
import { formatCSeq, parseCSeq } from './cseq.ts';
import { parameterValue, quote, unquote, withParameter } from './grammar.ts';
import { parseMediaType } from './media-type.ts';
import { contacts, formatNameAddr, parseNameAddr, parseNameAddrs, withTag } from './name-addr.ts';
import { headerSeconds, maxForwards, parseRetryAfter } from './numbers.ts';
import { parseDatagram } from './parse.ts';
import { octets, options } from './samples.ts';
import { headerTokens } from './tokens.ts';
import type { SipMessage } from './types.ts';
import { formatVia, parseVia, viaBranch } from './via.ts';
import { formatWarning, parseWarnings } from './warning.ts';

function withLine(line: string): SipMessage {
  const result = parseDatagram(octets(options.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`)));
  return result.ok ? result.message : expect.fail(result.error.message);
}

describe('Via', () => {
  test.each([
    'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;received=192.0.2.9;rport=5061',
    'SIP/2.0/TLS [2001:db8::9:1]:5061;branch=z9hG4bK1;rport',
    'SIP/2.0/TCP host.example.com;branch=z9hG4bK1;maddr=[2001:db8::1];x="a;,b"',
  ])('%s comes out as it went in', (text) => {
    expect(parseVia(text)?.map(formatVia)).toEqual([text]);
  });

  test('splits a list, but not inside quotes', () => {
    const hops = parseVia('SIP/2.0/UDP a;branch=z9hG4bK1;x="a, SIP/2.0/UDP c" , SIP/2.0/TCP b;branch=z9hG4bK2');
    expect(hops?.map(viaBranch)).toEqual(['z9hG4bK1', 'z9hG4bK2']);
  });

  test.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0 host',
    'SIP/2.0/UDP host:',
    'SIP/2.0/UDP host:99999',
    'SIP/2.0/UDP host;',
    'SIP/2.0/UDP host,',
    'SIP/2.0/UDP host;branch=',
    'SIP/2.0/UDPhost',
  ])('refuses %j', (text) => expect(parseVia(text)).toBeUndefined());
});

describe('IPv6 in messages (RFC 5118)', () => {
  test('a Request-URI and Via with brackets (§4.1)', () => {
    const bracketed = options
      .replace('sip:1002@pbx.example.com SIP', 'sip:1002@[2001:db8::10] SIP')
      .replace('192.0.2.11:5060', '[2001:db8::9:1]');
    expect(parseDatagram(octets(bracketed)).ok).toBe(true);
  });

  test('a port inside the address cannot be told from it, and outside it can (§4.4)', () => {
    expect(parseVia('SIP/2.0/UDP [2001:db8::9:1:5070]')?.[0]).toMatchObject({
      host: '2001:db8::9:1:5070',
      port: undefined,
    });
    expect(parseVia('SIP/2.0/UDP [2001:db8::9:1]:5070')?.[0]).toMatchObject({ host: '2001:db8::9:1', port: 5070 });
  });

  test.each(['2001:db8::9:255', '[2001:db8::9:255]'])(
    'received=%s is read with and without brackets (§4.5)',
    (address) => {
      const via = parseVia(`SIP/2.0/UDP [2001:db8::9:1];received=${address};branch=z9hG4bKas3-111`)?.[0];
      expect(parameterValue(via?.parameters ?? [], 'received')).toBe(address);
    },
  );

  test('sent-by without brackets is refused: where would the port begin?', () => {
    expect(parseVia('SIP/2.0/UDP 2001:db8::9:1')).toBeUndefined();
  });

  test('an IPv4-mapped address (§4.10)', () => {
    expect(parseVia('SIP/2.0/UDP [::ffff:192.0.2.10]:19823')?.[0]).toMatchObject({
      host: '::ffff:192.0.2.10',
      port: 19_823,
    });
  });

  test('a zone identifier is no address of the network', () => {
    expect(parseVia('SIP/2.0/UDP [fe80::1%eth0]')).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each([
    ['"Bob \\"B\\"" <sip:bob@example.com;lr>;tag=a', 'Bob "B"', 'sip:bob@example.com;lr'],
    ['Bob Smith <sip:bob@example.com>;tag=a', 'Bob Smith', 'sip:bob@example.com'],
    ['<sip:bob@example.com>;tag=a', undefined, 'sip:bob@example.com'],
    ['sip:bob@example.com;tag=a', undefined, 'sip:bob@example.com'],
    ['Bøb<sip:bob@example.com>;tag=a', 'Bøb', 'sip:bob@example.com'],
  ])('%s', (text, displayName, uri) => {
    const address = parseNameAddr(text);
    expect(address).toEqual({ displayName, uri, parameters: [{ name: 'tag', value: 'a' }] });
    expect(address && parseNameAddr(formatNameAddr(address))).toEqual(address);
  });

  test.each([
    '',
    '<>',
    '<sip:a@b',
    'sip:a@b>',
    '"x" sip:a@b',
    '"x',
    'a, b <sip:a@b>',
    '<sip:a@b> x',
    'sip:a@b?x=y',
    '<sip:a@b>;',
    '<sip:a@b>, <sip:c@d>',
  ])('refuses %j as one address', (text) => expect(parseNameAddr(text)).toBeUndefined());

  test('a list keeps its order', () => {
    expect(parseNameAddrs('<sip:a;lr>, "x, y" <sip:b;lr>,sip:c')?.map(({ uri }) => uri)).toEqual([
      'sip:a;lr',
      'sip:b;lr',
      'sip:c',
    ]);
  });

  test('Contact: * stands for all bindings, and only alone (RFC 3261 §10.2.2)', () => {
    expect(contacts(withLine('Contact: *'))).toBe('all');
    expect(contacts(withLine('Contact: *, <sip:a@b>'))).toBeUndefined();
    expect(contacts(withLine('Contact: *\r\nContact: <sip:a@b>'))).toBeUndefined();
    expect(contacts(withLine('X: y'))).toEqual([]);
  });

  test('any display name survives', () => {
    const name = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text) && text !== '');
    fc.assert(
      fc.property(name, (displayName) => {
        const address = { displayName, uri: 'sip:a@example.com', parameters: [] };
        expect(parseNameAddr(formatNameAddr(address))).toEqual(address);
      }),
    );
  });

  test('a tag is added once', () => {
    expect(withTag('sip:a@b', 'x')).toBe('sip:a@b;tag=x');
    expect(withTag('<sip:a@b>;Tag=y', 'x')).toBe('<sip:a@b>;Tag=y');
    expect(withTag('"broken <sip:a@b>', 'x')).toBe('"broken <sip:a@b>');
  });
});

describe('CSeq', () => {
  test('0 to 2^31 - 1 (RFC 3261 §8.1.1.5)', () => {
    expect(parseCSeq('2147483647 INVITE')).toEqual({ sequence: 2_147_483_647, method: 'INVITE' });
    expect(parseCSeq('2147483648 INVITE')).toBeUndefined();
    expect(formatCSeq({ sequence: 1, method: 'ACK' })).toBe('1 ACK');
  });

  test.each(['', '1', '1INVITE', 'INVITE 1', '-1 INVITE', '1 IN VITE', '1 '])('refuses %j', (text) =>
    expect(parseCSeq(text)).toBeUndefined(),
  );
});

describe('others', () => {
  test('Max-Forwards: what cannot be read goes no further', () => {
    expect(maxForwards(withLine('X: y'))).toBe(70);
    const broken = options.replace('Max-Forwards: 70', 'Max-Forwards: lots');
    const result = parseDatagram(octets(broken));
    expect(result.ok && maxForwards(result.message)).toBe(0);
  });

  test('Expires tells absent from malformed (RFC 3261 §20.19)', () => {
    expect(headerSeconds(withLine('X: y'))).toBeUndefined();
    expect(headerSeconds(withLine('Expires: 3600'))).toBe(3_600);
    expect(headerSeconds(withLine('Expires: soon'))).toBe('malformed');
  });

  test('Retry-After (RFC 3261 §20.33)', () => {
    expect(parseRetryAfter('18000;duration=3600')).toMatchObject({ seconds: 18_000, comment: undefined });
    expect(parseRetryAfter("120 (I'm in a (long) meeting)")).toMatchObject({
      seconds: 120,
      comment: "I'm in a (long) meeting",
    });
    expect(parseRetryAfter('120 (open')).toBeUndefined();
    expect(parseRetryAfter('later')).toBeUndefined();
  });

  test('token lists may be empty and may be many', () => {
    expect(headerTokens(withLine('Supported:'), 'Supported')).toEqual([]);
    expect(headerTokens(withLine('Supported: path , outbound\r\nk: timer'), 'Supported')).toEqual([
      'path',
      'outbound',
      'timer',
    ]);
    expect(headerTokens(withLine('Require: a b'), 'Require')).toBeUndefined();
    expect(headerTokens(withLine('Require: a,'), 'Require')).toBeUndefined();
  });

  test('Content-Type is compared without case (RFC 3261 §20.15)', () => {
    expect(parseMediaType('Application/SDP ; charset=utf-8')).toMatchObject({ type: 'application', subtype: 'sdp' });
    expect(parseMediaType('application')).toBeUndefined();
  });

  test('Warning (RFC 3261 §20.43)', () => {
    const warning = { code: 304, agent: 'pbx.example.com:5061', text: 'SRTP is "required"' };
    expect(parseWarnings(`${formatWarning(warning)}, 399 [2001:db8::1] "x"`)).toEqual([
      warning,
      { code: 399, agent: '[2001:db8::1]', text: 'x' },
    ]);
    expect(parseWarnings('1812 overture "In Progress"')).toBeUndefined();
  });

  test('Call-Info as desk phones read it', () => {
    const text = '<urn:x-cisco-remotecc:callinfo>; security= NotAuthenticated; orientation= from; isVoip';
    const [info] = parseCallInfo(text) ?? [];
    expect(parameterValue(info?.parameters ?? [], 'security')).toBe('NotAuthenticated');
    expect(info && formatCallInfo(info)).toBe(
      '<urn:x-cisco-remotecc:callinfo>;security=NotAuthenticated;orientation=from;isVoip',
    );
    expect(parseCallInfo('urn:x')).toBeUndefined();
  });

  test('quoting gives back any text', () => {
    fc.assert(fc.property(fc.string(), (text) => unquote(quote(text)) === text));
  });

  test('a parameter is set in its place, added last, or removed', () => {
    const list = [
      { name: 'a', value: '1' },
      { name: 'B', value: undefined },
    ];
    expect(withParameter(list, 'b', '2')).toEqual([list[0], { name: 'B', value: '2' }]);
    expect(withParameter(list, 'c', undefined)).toEqual([...list, { name: 'c', value: undefined }]);
    expect(withParameter(list, 'A', null)).toEqual([list[1]]);
  });
});
