import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDatagram } from '../message/parse.ts';
import type { SipRequest } from '../message/types.ts';
import { ReferNotifier, readReferNotice } from './refer-subscription.ts';
import { formatReferTo, readReferTo } from './refer-to.ts';
import { formatReplaces, parseReplaces } from './replaces.ts';
import { formatSipfrag, parseSipfrag } from './sipfrag.ts';

function request(method: string, headers: readonly string[], body = ''): SipRequest {
  const lines = [
    `${method} sip:1001@192.0.2.1 SIP/2.0`,
    'Via: SIP/2.0/TLS 192.0.2.9;branch=z9hG4bK1',
    'From: <sip:1002@192.0.2.1>;tag=a',
    'To: <sip:1001@192.0.2.1>;tag=b',
    'Call-ID: c',
    `CSeq: 7 ${method}`,
    'Max-Forwards: 70',
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  const parsed = parseDatagram(new TextEncoder().encode(lines.join('\r\n')));
  if (!parsed.ok || parsed.message.kind !== 'request') throw new Error('no request');
  return parsed.message;
}

const text = (octets: Uint8Array | undefined) => new TextDecoder().decode(octets);

describe('RFC 3515 §2.1: Refer-To', () => {
  test.each([
    ['<sip:1003@cm.example>', 'sip:1003@cm.example'],
    ['sip:1003@cm.example', 'sip:1003@cm.example'],
    ['"Carol" <sip:1003@cm.example;method=INVITE;user=phone>', 'sip:1003@cm.example;user=phone'],
    ['<tel:+4930123>', 'tel:+4930123'],
  ])('%s names whom to call', (value, uri) => {
    expect(readReferTo(request('REFER', [`Refer-To: ${value}`]))).toEqual({
      kind: 'target',
      target: { uri, replaces: undefined },
    });
  });

  test('the compact form r: is the same header (§2.1)', () => {
    expect(readReferTo(request('REFER', ['r: <sip:1003@cm.example>']))).toMatchObject({ kind: 'target' });
  });

  test.each([
    [400, []],
    [400, ['Refer-To: <http://example.com>']],
    [400, ['Refer-To: <sip:1003@cm.example?Replaces=abc>']],
    [501, ['Refer-To: <sip:1003@cm.example;method=SUBSCRIBE>']],
  ])('is answered %i where it cannot be followed: %j', (status, headers) => {
    expect(readReferTo(request('REFER', headers))).toMatchObject({ kind: 'bad', status });
  });
});

describe('RFC 3891 §6.1: Replaces', () => {
  test('stands escaped in the URI of a Refer-To, and comes back as it was', () => {
    const replaces = { callId: 'a/b@192.0.2.1', toTag: '7', fromTag: '8', earlyOnly: false };
    const value = formatReferTo({ uri: 'sip:1003@cm.example', replaces });
    expect(value).toBe('<sip:1003@cm.example?Replaces=a%2Fb%40192.0.2.1%3Bto-tag%3D7%3Bfrom-tag%3D8>');
    expect(readReferTo(request('REFER', [`Refer-To: ${value}`]))).toMatchObject({ target: { replaces } });
  });

  test.each([
    'a',
    'a;to-tag=1',
    'a;from-tag=1',
    'a;to-tag=1;to-tag=2;from-tag=3',
    ';to-tag=1;from-tag=2',
    'a;to-tag;from-tag=2',
  ])('needs a Call-ID and each tag once: %s', (value) => expect(parseReplaces(value)).toBeUndefined());

  test('reads early-only, in any order and case', () => {
    expect(parseReplaces('x@y ; early-only;From-Tag=2;to-tag=1')).toEqual({
      callId: 'x@y',
      toTag: '1',
      fromTag: '2',
      earlyOnly: true,
    });
  });

  test('what is written is read again', () => {
    const token = fc.stringMatching(/^[a-zA-Z0-9.!%*_+`'~-]{1,20}$/);
    const made = fc.record({ callId: token, toTag: token, fromTag: token, earlyOnly: fc.boolean() });
    fc.assert(
      fc.property(made, (replaces) => {
        expect(parseReplaces(formatReplaces(replaces))).toEqual(replaces);
      }),
    );
  });

  test('nothing that anybody writes throws', () => {
    fc.assert(fc.property(fc.string(), (value) => void parseReplaces(value)));
  });
});

describe('RFC 3420: message/sipfrag', () => {
  test('is the status line alone (RFC 3515 §2.4.5)', () => {
    expect(text(formatSipfrag(180))).toBe('SIP/2.0 180 Ringing\r\n');
    expect(parseSipfrag(formatSipfrag(486, 'every line is busy'))).toEqual({
      status: 486,
      reason: 'every line is busy',
    });
  });

  test.each(['SIP/2.0 200 OK', 'SIP/2.0 200 OK\r\nContact: <sip:x>\r\n', 'SIP/2.0 200 OK\n'])(
    'is read from %j',
    (body) => {
      expect(parseSipfrag(new TextEncoder().encode(body))).toEqual({ status: 200, reason: 'OK' });
    },
  );

  test.each(['', 'HTTP/1.1 200 OK', 'SIP/2.0 99 x', 'SIP/2.0 7000 x'])('holds no status line: %j', (body) => {
    expect(parseSipfrag(new TextEncoder().encode(body))).toBeUndefined();
  });
});

describe('RFC 3515 §2.4.4: the subscription of a REFER', () => {
  const refer = request('REFER', ['Refer-To: <sip:1003@cm.example>']);
  const said = (content: ReturnType<ReferNotifier['notify']>) =>
    Object.fromEntries(content?.headers?.map(({ name, value }) => [name, value]) ?? []);

  test('is active until the final status, which ends it; nothing follows', () => {
    const notifier = new ReferNotifier(0, refer, true);
    expect(said(notifier.notify(0, 100))).toMatchObject({ Event: 'refer', 'Subscription-State': 'active;expires=600' });
    expect(said(notifier.notify(60_000, 180))).toMatchObject({ 'Subscription-State': 'active;expires=540' });
    const last = notifier.notify(61_000, 200);
    expect(said(last)).toMatchObject({ 'Subscription-State': 'terminated;reason=noresource' });
    expect(text(last?.body)).toBe('SIP/2.0 200 OK\r\n');
    expect(notifier.notify(62_000, 180)).toBeUndefined();
  });

  test('of a later REFER in the dialog is told apart by its CSeq (§2.4.6)', () => {
    expect(said(new ReferNotifier(0, refer, false).notify(0, 100))).toMatchObject({ Event: 'refer;id=7' });
  });

  test.each([
    ['refer', 'active;expires=60', 'SIP/2.0 180 Ringing', { status: 180, reason: 'Ringing', isLast: false }],
    ['refer;id=7', 'terminated;reason=noresource', 'SIP/2.0 486 Busy', { status: 486, reason: 'Busy', isLast: true }],
    ['refer', 'active', 'SIP/2.0 200 OK', { status: 200, reason: 'OK', isLast: true }],
    ['dialog', 'active', 'SIP/2.0 200 OK', undefined],
    ['refer', 'active', 'nothing', undefined],
  ])('a NOTIFY of %s, %s, "%s" says %j', (event, state, body, notice) => {
    const headers = [`Event: ${event}`, `Subscription-State: ${state}`, 'Content-Type: message/sipfrag'];
    expect(readReferNotice(request('NOTIFY', headers, body))).toEqual(notice);
  });
});
