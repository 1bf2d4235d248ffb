import { formatSdp, parseSdp, type SessionDescription } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { fromMediaDescription, toMediaDescription } from './session-description.ts';

const key = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';

function parsed(text: string): SessionDescription {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(result.error.message);
  return result.session;
}

const offer = [
  'v=0',
  'o=- 1 1 IN IP4 192.0.2.1',
  's=-',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'a=tool:stranger',
  'm=audio 40000 RTP/SAVP 0 101 97',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=rtpmap:97 opus/48000/2',
  `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4 UNENCRYPTED_SRTCP`,
  'a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:tooShort',
  'a=sendonly',
  'a=ptime:20',
  'a=x-unknown:kept',
  'm=video 0 RTP/AVP 31',
  'm=application 50000 UDP/BFCP *',
  'c=IN IP6 2001:db8::7',
  '',
].join('\r\n');

describe('SDP at the door', () => {
  test('every part has its place in the neutral description, and an unreadable crypto line is told', () => {
    const { description, rejections } = toMediaDescription(parsed(offer));
    expect(rejections.map(({ code }) => code)).toEqual(['sdes.bad-key-length']);
    expect(description.attributes).toEqual([{ name: 'tool', value: 'stranger' }]);
    const [audio, video, application] = description.streams;
    expect(audio).toMatchObject({
      type: 'audio',
      address: '192.0.2.1',
      port: 40_000,
      transport: 'RTP/SAVP',
      direction: 'sendonly',
    });
    expect(audio?.formats).toEqual([
      { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
      { payloadType: 101, encoding: 'telephone-event', clockRate: 8_000, channels: 1, parameters: '0-15' },
      { payloadType: 97, encoding: 'opus', clockRate: 48_000, channels: 2 },
    ]);
    expect(audio?.keys).toMatchObject([
      {
        tag: 1,
        suite: { name: 'AES_CM_128_HMAC_SHA1_80' },
        keys: [{ lifetime: 2 ** 20, mki: Uint8Array.of(0, 0, 0, 1) }],
      },
    ]);
    expect(audio?.attributes).toEqual([
      { name: 'ptime', value: '20' },
      { name: 'x-unknown', value: 'kept' },
    ]);
    expect(video).toMatchObject({ type: 'video', port: 0 });
    expect(application).toMatchObject({ type: 'application', address: '2001:db8::7', transport: 'UDP/BFCP' });
  });

  test.each(['unencrypted_srtp', '-UNENCRYPTED_SRTP', '-Unencrypted_Srtp'])(
    'a wish for no encryption is seen in the spelling %s too (RFC 5234 §2.3)',
    (written) => {
      const { description } = toMediaDescription(parsed(offer.replace('UNENCRYPTED_SRTCP', written)));
      expect(description.streams[0]?.keys[0]?.sessionParameters).toEqual([{ kind: 'unencrypted-srtp', written }]);
    },
  );

  test('what is written reads as the same description: keys with MKI and lifetime, unknown attributes, addresses', () => {
    const { description } = toMediaDescription(parsed(offer));
    const written = fromMediaDescription(description, { sessionId: '7', sessionVersion: 3, address: '203.0.113.5' });
    const text = formatSdp(written);
    expect(text).toContain('o=- 7 3 IN IP4 203.0.113.5');
    expect(text).toContain(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4 UNENCRYPTED_SRTCP`);
    const again = toMediaDescription(parsed(text));
    expect(again.rejections).toEqual([]);
    const [audio, video, application] = description.streams;
    expect(JSON.stringify(again.description.streams[0])).toBe(JSON.stringify(audio));
    expect(again.description.streams[2]).toEqual(application);
    expect(again.description.streams[1]).toMatchObject({ port: video?.port, keys: [], attributes: [] });
  });

  test('an old hold by a connection of zeros is read as inactive (RFC 3264 §8.4)', () => {
    const held = offer.replace('c=IN IP4 192.0.2.1\r\nt', 'c=IN IP4 0.0.0.0\r\nt').replace('a=sendonly\r\n', '');
    expect(toMediaDescription(parsed(held)).description.streams[0]?.direction).toBe('inactive');
  });
});
