import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attributeValues,
  formatParametersOf,
  hasRtcpMux,
  mediaConnection,
  mediaDirection,
  packetTime,
  parseRtpMap,
  rtcpAddress,
  rtpMaps,
  withDirection,
} from './attributes.ts';
import { MAXIMUM_SDP_LINES, MAXIMUM_SDP_MEDIA, parseSdp } from './parse.ts';
import { formatSdp, serializeSdp } from './serialize.ts';
import type { MediaDescription, SessionDescription } from './types.ts';

function read(text: string | Uint8Array): SessionDescription {
  const result = parseSdp(text);
  if (!result.ok) throw result.error;
  return result.session;
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}

/** Every kind of line there is, in order. */
const full = lines(
  'v=0',
  'o=jdoe 3724394400 18446744073709551615 IN IP4 198.51.100.1',
  's=Call to John Smith',
  'i=SDP Offer #1',
  'u=http://www.jdoe.example.com/home.html',
  'e=Jane Doe <jane@jdoe.example.com>',
  'e=other@example.com',
  'p=+1 617 555-6011',
  'c=IN IP4 198.51.100.1',
  'b=AS:128',
  't=3034423619 3042462419',
  'r=7d 1h 0 25h',
  'z=2882844526 -1h 2898848070 0',
  't=0 0',
  'k=prompt',
  'a=recvonly',
  'a=group:LS 1 2',
  'm=audio 49170/2 RTP/SAVP 0 96',
  'i=speech',
  'c=IN IP4 233.252.0.1/127',
  'c=IN IP4 233.252.0.2/127',
  'b=TIAS:64000',
  'k=clear:x',
  'a=rtpmap:96 opus/48000/2',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4 FEC_ORDER=FEC_SRTP',
  'a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj',
  'a=fmtp:96 useinbandfec=1',
  'a=x-empty:',
  'm=video 0 RTP/AVP 31',
);

const phone = lines(
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0 8 9 101',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
);

describe('reading and writing (RFC 8866 §5, §9)', () => {
  test.each([full, phone])('a well-formed description comes out octet for octet', (text) => {
    expect(formatSdp(read(text))).toBe(text);
    expect(new TextDecoder().decode(serializeSdp(read(new TextEncoder().encode(text))))).toBe(text);
  });

  test('attributes stay raw and in order, crypto lines among them', () => {
    const [audio] = read(full).media;
    expect(audio?.attributes.map(({ name }) => name)).toEqual(['rtpmap', 'crypto', 'crypto', 'fmtp', 'x-empty']);
    expect(attributeValues(audio?.attributes ?? [], 'crypto')[1]).toBe(
      '2 AES_CM_128_HMAC_SHA1_32 inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj',
    );
  });

  test('a version beyond 2^53 keeps every digit', () => {
    expect(read(full).origin.sessionVersion).toBe('18446744073709551615');
  });

  test('lines may end in LF alone, and the last one in nothing (§5)', () => {
    expect(read(phone.replaceAll('\r\n', '\n'))).toEqual(read(phone));
    expect(read(phone.slice(0, -2))).toEqual(read(phone));
  });

  test('spaces at the end of m= and other lines are forgiven', () => {
    expect(read(phone.replace('8 9 101', '8 9 101 ').replace('t=0 0', 't=0 0 '))).toEqual(read(phone));
  });

  test.each([
    ['nothing', ''],
    ['another version', phone.replace('v=0', 'v=1')],
    ['no version', phone.slice(5)],
    ['no origin', phone.replace(/o=.*\r\n/, '')],
    ['two origins', phone.replace(/(o=.*\r\n)/, '$1$1')],
    ['a malformed origin', phone.replace('o=- 1 1', 'o=- 1')],
    ['no name', phone.replace('s=-\r\n', '')],
    ['no time', phone.replace('t=0 0\r\n', '')],
    ['a second c= for the session: two addresses to send to', phone.replace(/(c=.*\r\n)/, '$1$1')],
    ['an unknown type (§5)', phone.replace('t=0 0', 't=0 0\r\nq=x')],
    ['an unknown type in a stream (§5)', `${phone}q=x\r\n`],
    ['a session line in a stream', `${phone}t=0 0\r\n`],
    ['an empty line', phone.replace('t=0 0', '\r\nt=0 0')],
    ['a bare CR, which another reader takes for a line', phone.replace('a=ptime:20', 'a=x:\ra=crypto:1')],
    ['NUL', phone.replace('ptime', 'pt\0ime')],
    ['a port above 65535', phone.replace('4000', '70000')],
    ['a port that is no number', phone.replace('4000', '-1')],
    ['a stream without format', phone.replace(' 0 8 9 101', '')],
    ['a bandwidth without number', phone.replace('t=0 0', 'b=AS:lots\r\nt=0 0')],
    ['an attribute without name', `${phone}a=:x\r\n`],
    ['a repeat before its time', phone.replace('t=0 0', 'r=7d 1h 0\r\nt=0 0')],
  ])('refuses %s', (_, text) => {
    expect(parseSdp(text)).toMatchObject({ ok: false, error: { code: 'sip.bad-sdp' } });
  });

  test('refuses more lines or streams than its limits', () => {
    expect(parseSdp(phone + 'a=x\r\n'.repeat(MAXIMUM_SDP_LINES)).ok).toBe(false);
    expect(parseSdp(phone + 'm=audio 0 RTP/AVP 0\r\n'.repeat(MAXIMUM_SDP_MEDIA)).ok).toBe(false);
  });

  test('the error says where', () => {
    const result = parseSdp(phone.replace('t=0 0', 't=x'));
    expect(result.ok ? undefined : result.error.offset).toBe(phone.indexOf('t=0 0'));
  });

  test('writing refuses a value that would begin a line of its own', () => {
    const session = read(phone);
    expect(() => serializeSdp({ ...session, name: 'x\r\na=crypto:1' })).toThrow(
      expect.objectContaining({ code: 'sip.unsafe-value' }),
    );
  });
});

describe('sweeps', () => {
  const declared = (text: string | Uint8Array) => {
    const result = parseSdp(text);
    if (!result.ok) return result.error.code === 'sip.bad-sdp';
    const written = formatSdp(result.session);
    return formatSdp(read(written)) === written;
  };

  test('every truncation and every changed octet has a declared outcome', () => {
    const bytes = new TextEncoder().encode(full);
    const odd: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      if (!declared(bytes.subarray(0, at))) odd.push(`cut at ${at}`);
      const old = bytes[at] ?? 0;
      for (const octet of [0, 10, 13, 32, 58, 61, 255, old ^ 1, old ^ 32]) {
        bytes[at] = octet;
        if (!declared(bytes)) odd.push(`${at}=${octet}`);
      }
      bytes[at] = old;
    }
    expect(odd).toEqual([]);
  });

  test('any octets and any lines have a declared outcome', () => {
    const line = fc
      .tuple(fc.constantFrom(...'vosiuepcbtrzkam'), fc.string())
      .map(([type, value]) => `${type}=${value}`);
    fc.assert(fc.property(fc.uint8Array(), declared));
    fc.assert(fc.property(fc.array(line), (all) => declared(lines('v=0', 'o=- 1 1 IN IP4 a', 's=-', 't=0 0', ...all))));
  });
});

describe('attributes', () => {
  const stream = (text: string): [SessionDescription, MediaDescription] => {
    const session = read(text);
    return [session, session.media[0] ?? expect.fail('no stream')];
  };

  test('codecs come in the order of the formats, static ones by their number (RFC 3551 §6)', () => {
    const [, media] = stream(phone);
    expect(rtpMaps(media).map(({ encoding, clockRate }) => `${encoding}/${clockRate}`)).toEqual([
      'PCMU/8000',
      'PCMA/8000',
      'G722/8000',
      'telephone-event/8000',
    ]);
    expect(formatParametersOf(media, 101)).toBe('0-16');
    expect(formatParametersOf(media, 10)).toBeUndefined();
    expect(packetTime(media)).toBe(20);
  });

  test.each(['', '0', 'PCMU/8000', '128 x/8000', '00 x/8000', '96 x', '96 x/0', '96 /8000', '96 x/8000/1/1'])(
    'rtpmap:%s is malformed',
    (value) => {
      expect(parseRtpMap(value)).toBeUndefined();
    },
  );

  test('direction: the stream’s own, else the session’s, else sendrecv (RFC 8866 §6.7)', () => {
    const [session, media] = stream(full);
    expect(mediaDirection(session, media)).toBe('recvonly');
    expect(mediaDirection(session, withDirection(media, 'inactive'))).toBe('inactive');
    expect(mediaDirection(...stream(phone))).toBe('sendrecv');
  });

  test('a direction is said once, whatever was said before', () => {
    const [session, media] = stream(`${phone}a=sendonly\r\na=x\r\na=inactive\r\n`);
    const changed = withDirection(media, 'recvonly');
    expect(changed.attributes.map(({ name }) => name)).toEqual(['rtpmap', 'fmtp', 'ptime', 'recvonly', 'x']);
    expect(mediaDirection(session, changed)).toBe('recvonly');
  });

  test('a stream’s own address rules over the session’s', () => {
    expect(mediaConnection(...stream(full))?.address).toBe('233.252.0.1/127');
    expect(mediaConnection(...stream(phone))?.address).toBe('192.0.2.1');
  });

  test('RTCP goes to the next port, or where a=rtcp says (RFC 3605)', () => {
    expect(rtcpAddress(...stream(phone))).toMatchObject({ port: 4_001, connection: { address: '192.0.2.1' } });
    expect(rtcpAddress(...stream(`${phone}a=rtcp:53020\r\n`))).toMatchObject({
      port: 53_020,
      connection: { address: '192.0.2.1' },
    });
    expect(rtcpAddress(...stream(`${phone}a=rtcp:53020 IN IP6 2001:db8::1\r\n`))).toMatchObject({
      connection: { address: '2001:db8::1' },
    });
    expect(hasRtcpMux(stream(`${phone}a=rtcp-mux\r\n`)[1])).toBe(true);
    expect(hasRtcpMux(stream(phone)[1])).toBe(false);
  });
});
