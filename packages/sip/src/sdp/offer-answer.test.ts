import { describe, expect, test } from 'vitest';
import { attributeValues, formatParametersOf, type MediaDirection, mediaDirection, rtpMaps } from './attributes.ts';
import {
  answerDirection,
  checkAnswer,
  checkReoffer,
  createAnswer,
  createOffer,
  hold,
  isHeld,
  type LocalCodec,
  type LocalMedia,
  type LocalSession,
  nextDescription,
  resume,
} from './offer-answer.ts';
import { parseSdp } from './parse.ts';
import { formatSdp } from './serialize.ts';
import type { MediaDescription, SessionDescription } from './types.ts';

const pcma: LocalCodec = { encoding: 'PCMA', clockRate: 8_000, payloadType: 8 };
const pcmu: LocalCodec = { encoding: 'PCMU', clockRate: 8_000, payloadType: 0 };
const events: LocalCodec = { encoding: 'telephone-event', clockRate: 8_000, payloadType: 96, parameters: '0-15' };

function local(address: string): LocalSession {
  return {
    origin: { username: '-', sessionId: '7', sessionVersion: '9', networkType: 'IN', addressType: 'IP4', address },
    connection: { networkType: 'IN', addressType: 'IP4', address },
  };
}

const audio: LocalMedia = {
  type: 'audio',
  port: 5_000,
  protocol: 'RTP/AVP',
  codecs: [pcma, pcmu, events],
  direction: 'sendrecv',
};

function offered(...media: readonly string[]): SessionDescription {
  const text = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=1 2', ...media, ''].join('\r\n');
  const result = parseSdp(text);
  return result.ok ? result.session : expect.fail(result.error.message);
}

function answered(offer: SessionDescription, media: LocalMedia | undefined = audio): SessionDescription {
  const answer = createAnswer(offer, local('192.0.2.2'), () => media);
  expect(checkAnswer(offer, answer)).toBeUndefined();
  return answer;
}

function first(session: SessionDescription): MediaDescription {
  return session.media[0] ?? expect.fail('no stream');
}

describe('answering (RFC 3264 §6)', () => {
  test('the offerer’s order and numbers hold, ours gives what fmtp says', () => {
    const offer = offered('m=audio 4000 RTP/AVP 18 0 8 101', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16');
    const media = first(answered(offer));
    expect(media.formats).toEqual(['0', '8', '101']);
    expect(rtpMaps(media).map(({ encoding }) => encoding)).toEqual(['PCMU', 'PCMA', 'telephone-event']);
    expect(formatParametersOf(media, 101)).toBe('0-15');
    expect(media.port).toBe(5_000);
  });

  test('codec names are compared without case, rates and channels exactly', () => {
    const media = 'm=audio 4000 RTP/AVP 97 98 99';
    const offer = offered(media, 'a=rtpmap:97 pcma/16000', 'a=rtpmap:98 pcma/8000/2', 'a=rtpmap:99 pcma/8000');
    expect(first(answered(offer)).formats).toEqual(['99']);
  });

  test('events alone make no stream, and events of another clock are left out (RFC 4733 §2.1)', () => {
    expect(first(answered(offered('m=audio 4000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000'))).port).toBe(0);
    const wide = offered('m=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/48000');
    expect(first(answered(wide, { ...audio, codecs: [pcmu, { ...events, clockRate: 48_000 }] })).formats).toEqual([
      '0',
    ]);
  });

  test('every stream keeps its place; what we do not take has port 0', () => {
    const offer = offered(
      'm=video 6000 RTP/AVP 31',
      'm=audio 4000 RTP/AVP 8',
      'm=audio 0 RTP/AVP 8',
      'm=audio 4002 RTP/SAVP 8',
    );
    const answer = answered(offer);
    expect(answer.media.map(({ type, port, protocol }) => `${type} ${port} ${protocol}`)).toEqual([
      'video 0 RTP/AVP',
      'audio 5000 RTP/AVP',
      'audio 0 RTP/AVP',
      'audio 0 RTP/SAVP',
    ]);
    expect(answer.times).toEqual(offer.times);
  });

  test('raw attributes of ours stand in the answer, those of the offer do not', () => {
    const offer = offered('m=audio 4000 RTP/SAVP 8', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:theirs', 'a=x-theirs');
    const attributes = [{ name: 'crypto', value: '1 AES_CM_128_HMAC_SHA1_80 inline:ours' }];
    const media = first(answered(offer, { ...audio, protocol: 'RTP/SAVP', attributes }));
    expect(attributeValues(media.attributes, 'crypto')).toEqual(['1 AES_CM_128_HMAC_SHA1_80 inline:ours']);
    expect(attributeValues(media.attributes, 'x-theirs')).toEqual([]);
  });

  const directions: readonly MediaDirection[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];
  const table: Readonly<Record<MediaDirection, readonly MediaDirection[]>> = {
    sendrecv: ['sendrecv', 'sendonly', 'recvonly', 'inactive'],
    sendonly: ['recvonly', 'inactive', 'recvonly', 'inactive'],
    recvonly: ['sendonly', 'sendonly', 'inactive', 'inactive'],
    inactive: ['inactive', 'inactive', 'inactive', 'inactive'],
  };
  test.each(directions)('%s is answered within what it allows (§6.1)', (direction) => {
    expect(directions.map((wanted) => answerDirection(direction, wanted))).toEqual(table[direction]);
  });

  test('what we offer, another instance of us can answer', () => {
    const offer = createOffer(local('192.0.2.1'), [{ ...audio, packetTime: 20 }]);
    const read = parseSdp(formatSdp(offer));
    expect(read).toEqual({ ok: true, session: offer });
    expect(first(answered(offer)).formats).toEqual(['8', '0', '96']);
  });
});

describe('checking an answer', () => {
  const offer = offered('m=audio 4000 RTP/SAVP 0 8', 'a=sendonly', 'm=video 0 RTP/AVP 31');
  const good = ['m=audio 4000 RTP/SAVP 8', 'a=recvonly', 'm=video 0 RTP/AVP 31'];

  test('takes one that fits', () => expect(checkAnswer(offer, offered(...good))).toBeUndefined());

  test.each([
    ['a stream less', good.slice(0, 2)],
    ['a stream more', [...good, 'm=audio 0 RTP/AVP 0']],
    ['another type', ['m=text 4000 RTP/SAVP 8', ...good.slice(1)]],
    ['another protocol: the way SRTP would be lost', ['m=audio 4000 RTP/AVP 8', ...good.slice(1)]],
    ['no offered format', ['m=audio 4000 RTP/SAVP 18', ...good.slice(1)]],
    ['sending where nobody receives', ['m=audio 4000 RTP/SAVP 8', 'a=sendrecv', 'm=video 0 RTP/AVP 31']],
    ['a refused stream revived', [...good.slice(0, 2), 'm=video 6000 RTP/AVP 31']],
  ])('refuses %s', (_, media) => {
    expect(checkAnswer(offer, offered(...media))).toMatchObject({ code: 'sip.answer-mismatch' });
  });

  test('refuses a stream without an address', () => {
    const { connection: _, ...rest } = offered(...good);
    expect(checkAnswer(offer, { ...rest, connection: undefined })).toMatchObject({ code: 'sip.answer-mismatch' });
  });
});

describe('offering again (RFC 3264 §8)', () => {
  const session = createOffer(local('192.0.2.1'), [audio]);
  const version = (wanted: string, from = session): SessionDescription => ({
    ...from,
    origin: { ...from.origin, sessionVersion: wanted },
  });

  test('the version grows by one exactly if anything changed', () => {
    expect(nextDescription(session, session)).toBe(session);
    const held = nextDescription(session, hold(session));
    expect(held.origin.sessionVersion).toBe('10');
    expect(checkReoffer(session, held)).toBeUndefined();
    expect(checkReoffer(session, session)).toBeUndefined();
  });

  test('a version beyond 2^53 grows exactly', () => {
    const old = version('18446744073709551599');
    expect(nextDescription(old, hold(old)).origin.sessionVersion).toBe('18446744073709551600');
    const nines = version('999');
    expect(nextDescription(nines, hold(nines)).origin.sessionVersion).toBe('1000');
  });

  test.each<[string, SessionDescription]>([
    ['a change without a new version', { ...hold(session), origin: session.origin }],
    ['a version that jumps', version('11')],
    ['a version that falls', version('8')],
    ['another session', { ...session, origin: { ...session.origin, sessionId: '8' } }],
    ['a stream less', version('10', { ...session, media: [] })],
    ['another type', version('10', { ...session, media: [{ ...first(session), type: 'video' }] })],
  ])('refuses %s', (_, next) => {
    expect(checkReoffer(session, next)).toMatchObject({ code: 'sip.answer-mismatch' });
  });

  test('a stream may be added, and the place of an ended one used again (§8.1, §8.2)', () => {
    const ended = nextDescription(session, { ...session, media: [{ ...first(session), port: 0 }] });
    const reused = { ...ended, media: [{ ...first(session), type: 'video' }, first(session)] };
    expect(checkReoffer(ended, nextDescription(ended, reused))).toBeUndefined();
  });

  test('leaving a stream out is our own mistake', () => {
    expect(() => nextDescription(session, { ...session, media: [] })).toThrow(
      expect.objectContaining({ code: 'sip.answer-mismatch' }),
    );
  });
});

describe('hold (RFC 3264 §8.4)', () => {
  const session = createOffer(local('192.0.2.1'), [audio]);

  test('we send at most, and receive again after it', () => {
    const held = hold(session);
    expect(mediaDirection(held, first(held))).toBe('sendonly');
    expect(isHeld(held, first(held))).toBe(true);
    expect(mediaDirection(resume(held), first(resume(held)))).toBe('sendrecv');
  });

  test('held from both sides nothing flows, and each lets go alone', () => {
    const receiving = createOffer(local('192.0.2.1'), [{ ...audio, direction: 'recvonly' }]);
    expect(mediaDirection(receiving, first(hold(receiving)))).toBe('inactive');
    expect(mediaDirection(receiving, first(resume(hold(receiving))))).toBe('recvonly');
  });

  test('the address 0.0.0.0 is the old way to say it', () => {
    const old = offered('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0');
    expect(isHeld(old, first(old))).toBe(true);
    expect(isHeld(session, first(session))).toBe(false);
  });

  test('a stream that has ended stays ended', () => {
    const ended = { ...session, media: [{ ...first(session), port: 0 }] };
    expect(hold(ended)).toEqual(ended);
  });
});
