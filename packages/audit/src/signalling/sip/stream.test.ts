import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clear } from '../../model/exposure.ts';
import { Observations } from '../../model/observations.ts';
import type { ConnectionReader } from '../reader.ts';
import { SipBook } from './book.ts';
import type { HeardMessage } from './message.ts';
import { alice, proxy, request, response, sdp, sdpType } from './messages.fixture.ts';
import { sipReaders } from './readers.ts';
import { HeldOctets, SipStream } from './stream.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const offer = sdp('192.0.2.10', 'm=audio 4000 RTP/AVP 8');
const invite = request('INVITE', 1, sdpType, offer);
const ack = request('ACK', 1);
const bye = request('BYE', 2);

function cut(pieces: readonly (string | 'gap' | Uint8Array)[], joinedLate = false) {
  const heard: { readonly method: string; readonly body: number; readonly isWhole: boolean }[] = [];
  const held = new HeldOctets();
  const stream = new SipStream(
    ({ start, body, isWhole }: HeardMessage) => {
      heard.push({ method: start.kind === 'request' ? start.method : `${start.status}`, body: body.length, isWhole });
    },
    held,
    joinedLate,
  );
  for (const piece of pieces) {
    if (piece === 'gap') stream.gap();
    else stream.data(typeof piece === 'string' ? encode(piece) : piece);
  }
  stream.ended();
  expect(held.used).toBe(0);
  return heard;
}

const methods = (pieces: Parameters<typeof cut>[0], joinedLate = false) =>
  cut(pieces, joinedLate).map(({ method }) => method);

describe('a stream is cut into messages', () => {
  test('however it is cut into segments, with keep-alives between (RFC 3261 §18.3, RFC 5626 §4.4.1)', () => {
    const whole = `\r\n\r\n${invite}\r\n${ack}\r\n\r\n${bye}`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (lengths) => {
        const pieces: string[] = [];
        for (let at = 0, nth = 0; at < whole.length; nth++) {
          const length = lengths[nth % lengths.length] ?? 1;
          pieces.push(whole.slice(at, at + length));
          at += length;
        }
        expect(cut(pieces)).toEqual([
          { method: 'INVITE', body: encode(offer).length + offer.split('\n').length + 1, isWhole: true },
          { method: 'ACK', body: 0, isWhole: true },
          { method: 'BYE', body: 0, isWhole: true },
        ]);
      }),
      { numRuns: 50 },
    );
  });

  test('with bare LF, and without a Content-Length', () => {
    const bare = invite.replaceAll('\r', '').replace(/Content-Length: \d+\n/, '');
    expect(cut([bare + ack])).toMatchObject([
      { method: 'INVITE', body: offer.length + 1 },
      { method: 'ACK', body: 0 },
    ]);
  });

  test('from the next start line on after a loss; what had come before it is read', () => {
    expect(methods([invite.slice(0, 200), 'gap', invite.slice(400) + ack, bye])).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(cut([invite.slice(0, -10), 'gap', bye.slice(30), ack])).toMatchObject([
      { method: 'INVITE', isWhole: false },
      { method: 'ACK', isWhole: true },
    ]);
  });

  test('from the next start line on where it was joined late, or where something else stands between', () => {
    expect(methods([invite.slice(300) + ack, bye], true)).toEqual(['ACK', 'BYE']);
    expect(methods([`${ack}garbage\r\nmore: of it\r\n`, bye])).toEqual(['ACK', 'BYE']);
    expect(methods([ack, new Uint8Array(100).fill(200), encode(`\n${bye}`)])).toEqual(['ACK', 'BYE']);
  });

  test('where a Content-Length is beyond all bounds the message is read as far as it may go', () => {
    const long = invite.replace(/Content-Length: \d+/, 'Content-Length: 900000000');
    const pieces: string[] = [long, ...Array.from({ length: 30 }, () => `${'x'.repeat(9_998)}\r\n`), bye];
    expect(cut(pieces)).toEqual([
      { method: 'INVITE', body: 262_144, isWhole: false },
      { method: 'BYE', body: 0, isWhole: true },
    ]);
  });

  test('with a head that never ends it holds no more than it states', () => {
    const held = new HeldOctets(100_000);
    const streams = Array.from({ length: 10 }, () => new SipStream(() => {}, held, false));
    for (const stream of streams) stream.data(encode('OPTIONS sip:a@b SIP/2.0\r\n'));
    for (let nth = 0; nth < 3_000; nth++) {
      streams[nth % 10]?.data(encode(`X-Header-${nth}: ${'y'.repeat(80)}\r\n`));
      expect(held.used).toBeLessThanOrEqual(held.limit);
    }
  });
});

describe('a connection', () => {
  const recognise = (text: string) => sipReaders.recogniseConnection?.(encode(text));

  test('is recognised by its first line, and by lines of messages before one where it was joined late', () => {
    expect(recognise(invite)).toBe('yes');
    expect(recognise('SIP/2.0 200 OK\r\n')).toBe('yes');
    expect(recognise('\r\n\r\n')).toBe('more');
    expect(recognise('INVITE sip:1002@pbx.exa')).toBe('more');
    expect(recognise('REGIS')).toBe('more');
    expect(recognise(invite.slice(300) + ack)).toBe('yes');
    expect(recognise('pbx.example>\r\nCall-ID: 1\r\nCSe')).toBe('more');
    expect(recognise('GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('no');
    expect(recognise('HTTP/1.1 200 OK\r\nServer: a\r\n')).toBe('no');
    expect(recognise('220 mail.example ESMTP\r\n250 ok then\r\n')).toBe('no');
    expect(recognise('\u0016\u0003\u0001\u0002\u0000\u0001')).toBe('no');
    expect(recognise(`${'a'.repeat(20_000)}`)).toBe('no');
  });

  test('gives both sides to the same leg, with who they are', () => {
    const observations = new Observations();
    const reader = sipReaders.openConnection?.({ observations, exposure: clear, client: alice, server: proxy });
    const open = reader as ConnectionReader;
    open.data('client', encode(invite), { number: 1, microseconds: 1 });
    open.data('server', encode(response('200 OK', 'INVITE', 1)), { number: 2, microseconds: 2 });
    open.data('client', encode(`${ack}nothing known\r\n`), { number: 3, microseconds: 3 });
    open.ended('client', { number: 4, microseconds: 4 });
    expect(SipBook.of(observations).losses()).toMatchObject({ lostAlignments: 1, broken: 0 });
    const [leg, ...others] = observations.legs();
    expect(others).toEqual([]);
    expect(leg?.messages.map(({ path, place }) => [path.transport, path.from, place.number])).toEqual([
      ['tcp', alice, 1],
      ['tcp', proxy, 2],
      ['tcp', alice, 3],
    ]);
  });
});
