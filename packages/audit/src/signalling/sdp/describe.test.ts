import { describe, expect, test } from 'vitest';
import { clear } from '../../model/exposure.ts';
import type { MediaDescription } from '../../model/leg.ts';
import { describeMedia, wordsOf } from './describe.ts';
import { readSession } from './session.ts';

const place = { number: 1, microseconds: 0 };
const source = { kind: 'signalling', how: 'sdes', place, exposure: clear } as const;

/** What a description says, as a listener has it. */
function heard(text: string): readonly MediaDescription[] {
  const session = readSession(text.trimStart().split('\n').join('\r\n'));
  return session === undefined ? [] : describeMedia(session, { place, end: 'caller', source });
}

const key128 = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
const head = 'v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n';

describe('what other makes send', () => {
  test('Asterisk (chan_pjsip, SDES): one line, telephone-event', () => {
    const [audio] = heard(`
v=0
o=- 1573289340 1573289340 IN IP4 192.0.2.5
s=Asterisk
c=IN IP4 192.0.2.5
t=0 0
m=audio 11458 RTP/SAVP 0 8 101
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key128}
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=maxptime:150
a=sendrecv`);
    expect(audio).toMatchObject({ profile: 'RTP/SAVP', keying: ['sdes'], suites: ['AES_CM_128_HMAC_SHA1_80'] });
    expect(audio?.codecs.map(({ name }) => name)).toEqual(['PCMU', 'PCMA', 'telephone-event']);
    const [key] = audio?.keys ?? [];
    expect(key?.masterKey).toHaveLength(16);
    expect(key?.masterSalt).toHaveLength(14);
    expect(new TextDecoder().decode(key?.masterKey)).toBe('YS___semctl () {');
  });

  test('FreeSWITCH: many lines, the unregistered spelling of AES-256, and MKI', () => {
    const key256 = btoa('k'.repeat(32) + 's'.repeat(14)).replaceAll('=', '');
    const [audio] = heard(`
v=0
o=FreeSWITCH 1700000000 1700000001 IN IP4 192.0.2.6
s=FreeSWITCH
c=IN IP4 192.0.2.6
t=0 0
m=audio 24016 RTP/SAVP 102 0 101 13
a=rtpmap:102 opus/48000/2
a=fmtp:102 useinbandfec=1; maxaveragebitrate=30000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/48000
a=rtpmap:13 CN/8000
a=rtcp:24017 IN IP4 192.0.2.6
a=crypto:1 AEAD_AES_128_GCM inline:${btoa('g'.repeat(28)).replaceAll('=', '')}
a=crypto:2 AES_CM_256_HMAC_SHA1_80 inline:${key256}
a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${key128}|2^31|1:1
a=ptime:20`);
    expect(audio?.keys.map(({ profile }) => profile)).toEqual([
      'AEAD_AES_128_GCM',
      'AES_256_CM_HMAC_SHA1_80',
      'AES_CM_128_HMAC_SHA1_80',
    ]);
    expect(audio?.keys[2]?.mki).toEqual(Uint8Array.of(1));
    expect(audio?.codecs[0]).toEqual({ payloadType: 102, name: 'opus', clockRate: 48_000 });
    expect(audio?.rtcp?.port).toBe(24_017);
  });

  test('Cisco CUCM: session in the clear, several media, one of them refused', () => {
    const media = heard(`
v=0
o=CiscoSystemsCCM-SIP 161095 1 IN IP4 192.0.2.7
s=SIP Call
c=IN IP4 192.0.2.8
b=TIAS:64000
b=AS:64
t=0 0
m=audio 24590 RTP/AVP 9 0 8 18 101
a=rtpmap:9 G722/8000
a=ptime:20
a=rtpmap:18 G729/8000
a=fmtp:18 annexb=no
a=rtpmap:101 telephone-event/8000
m=video 0 RTP/AVP 31 34 96
c=IN IP4 192.0.2.9
m=application 7000 UDP/BFCP *`);
    expect(media.map(wordsOf)).toEqual([
      'audio 192.0.2.8:24590 RTP/AVP G722',
      'video refused',
      'other 192.0.2.8:7000 UDP/BFCP',
    ]);
    expect(media[1]?.receives.address).toBe('192.0.2.9');
    expect(media[2]?.codecs).toEqual([]);
  });

  test('Linphone: ZRTP by its hash, AVPF, IPv6', () => {
    const [audio] = heard(`
v=0
o=alice 3112 1832 IN IP6 2001:DB8:0:0::10
s=Talk
c=IN IP6 2001:DB8:0:0::10
t=0 0
a=rtcp-xr:rcvr-rtt=all:10000
m=audio 7078 RTP/AVPF 96 97
a=rtpmap:96 opus/48000/2
a=rtpmap:97 speex/16000
a=zrtp-hash:1.10 fe30efd02423cb054e50efd0248742ac7a52c8f91bc2df881ae642c371ba46df
a=rtcp-fb:* trr-int 5000`);
    expect(audio?.receives).toEqual({ address: '2001:db8::10', port: 7078 });
    expect(audio?.keying).toEqual(['zrtp', 'none']);
    expect(audio === undefined ? '' : wordsOf(audio)).toBe('audio [2001:db8::10]:7078 RTP/AVPF opus zrtp');
  });

  test('JsSIP in a browser: DTLS-SRTP, bundled, multiplexed, by candidates', () => {
    const media = heard(`
v=0
o=- 4858251974351650128 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic: WMS
m=audio 54321 UDP/TLS/RTP/SAVPF 111 0 126
c=IN IP4 198.51.100.4
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:2999745851 1 udp 2122260223 192.0.2.33 54321 typ host generation 0
a=candidate:2999745851 2 udp 2122260222 192.0.2.33 54322 typ host generation 0
a=candidate:1 1 udp 2122 8a7b1b1f-0000-4000-8000-a8f1c5d6e7f8.local 50000 typ host
a=candidate:842163049 1 udp 1677729535 198.51.100.4 54321 typ srflx raddr 192.0.2.33 rport 54321
a=candidate:3 1 tcp 1518280447 192.0.2.33 9 typ host tcptype active
a=ice-ufrag:AbCd
a=ice-pwd:thisisnotarealpassword12
a=fingerprint:sha-256 AA:BB:CC
a=setup:actpass
a=mid:0
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtpmap:126 telephone-event/8000
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=rtcp-mux
a=rtpmap:96 VP8/90000`);
    expect(media[0]).toMatchObject({
      keying: ['dtls-srtp'],
      fingerprints: ['sha-256 AA:BB:CC'],
      candidates: [
        { address: '192.0.2.33', port: 54_321 },
        { address: '198.51.100.4', port: 54_321 },
      ],
    });
    expect(media[1]?.receives).toEqual({ address: '198.51.100.4', port: 54_321 });
    expect(media[1]?.keying).toEqual(['dtls-srtp']);
    expect(media[1]?.candidates).toHaveLength(2);
    expect(media[1]?.rtcp).toEqual({ address: '198.51.100.4', port: 54_321 });
  });

  test('Microsoft Teams through a session border controller: candidates of old and new, SDES with lifetime and MKI', () => {
    const [audio] = heard(`
v=0
o=- 158 0 IN IP4 203.0.113.9
s=session
c=IN IP4 203.0.113.9
b=CT:10000000
t=0 0
m=audio 51234 RTP/SAVP 104 9 8 0 13 101
c=IN IP4 203.0.113.9
a=rtcp:51235
a=candidate:AAAA 1 BBBB UDP 0.830 198.51.100.20 50012
a=candidate:1 1 UDP 2130706431 198.51.100.21 51000 typ host
a=label:main-audio
a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${key128}|2^31|1:1
a=sendrecv
a=rtpmap:104 SILK/16000`);
    expect(audio?.candidates).toEqual([
      { address: '198.51.100.20', port: 50_012 },
      { address: '198.51.100.21', port: 51_000 },
    ]);
    expect(audio?.keys[0]?.mki).toEqual(Uint8Array.of(1));
  });

  test('Cisco IOS: T.38 by image, and capabilities (RFC 3407) with a key in them', () => {
    const media = heard(`${head}m=audio 16384 RTP/AVP 18
a=X-sqn:0
a=X-cap: 1 audio RTP/AVP 100
a=X-cpar: a=rtpmap:100 X-NSE/8000
a=X-cpar: a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${key128}
m=image 16386 udptl t38
a=T38FaxVersion:0`);
    expect(media[0]).toMatchObject({ keying: ['sdes', 'none'], suites: ['AES_CM_128_HMAC_SHA1_32'] });
    expect(media[1]).toMatchObject({ kind: 'image', profile: 'udptl', keying: ['none'], codecs: [] });
  });
});

describe('keys and keyings', () => {
  const of = (lines: string, profile = 'RTP/SAVP') => heard(`${head}m=audio 4000 ${profile} 0\n${lines}`)[0];

  test('several keys of a line, each with its MKI; session parameters that weaken (RFC 4568 §6)', () => {
    const other = btoa('o'.repeat(30));
    const media = of(
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key128}|2^20|1:4;inline:${other}|2^20|2:4 KDR=4 UNENCRYPTED_SRTCP`,
    );
    expect(media?.keys.map(({ mki }) => mki)).toEqual([Uint8Array.of(0, 0, 0, 1), Uint8Array.of(0, 0, 0, 2)]);
    expect(media?.keys[0]).toMatchObject({ unencryptedSrtcp: true, keyDerivationRate: 16 });
    expect(media?.keys[0]?.unencryptedSrtp).toBeUndefined();
    expect(of(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key128} UNENCRYPTED_SRTP`)?.keys[0]).toMatchObject({
      unencryptedSrtp: true,
    });
  });

  test('what a careful end refuses is read all the same: zeros, wild lifetimes, loose base64, a line without a tag', () => {
    const zeros = 'A'.repeat(40);
    for (const line of [
      `1 AES_CM_128_HMAC_SHA1_80 inline:${zeros}`,
      `1 AES_CM_128_HMAC_SHA1_80 inline:${key128}|2^99`,
      `1 AES_CM_128_HMAC_SHA1_80 inline:${key128}AAAA==`,
      `AES_CM_128_HMAC_SHA1_80 inline:${key128}`,
      `1 aes_cm_128_hmac_sha1_80 INLINE:${key128} UNENCRYPTED_SRTP=1`,
    ]) {
      expect(of(`a=crypto:${line}`)?.keys, line).toHaveLength(1);
    }
    expect(of('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ=')).toMatchObject({ keys: [], keying: ['sdes'] });
  });

  test('suites that protect nothing are known as such, unknown ones by their name alone', () => {
    expect(of(`a=crypto:1 NULL_HMAC_SHA1_80 inline:${key128}`)?.keys[0]?.profile).toBe('NULL_HMAC_SHA1_80');
    expect(of(`a=crypto:1 AES_CM_128_NULL_AUTH inline:${key128}`)?.keys[0]?.unauthenticatedSrtp).toBe(true);
    expect(of(`a=crypto:1 ARIA_128_CTR_HMAC_SHA1_80 inline:${key128}`)).toMatchObject({
      keys: [],
      suites: ['ARIA_128_CTR_HMAC_SHA1_80'],
    });
  });

  test('best effort is offered in the clear as well; capability negotiation has keys, too (RFC 5939 §3.4.1)', () => {
    expect(of(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key128}`, 'RTP/AVP')?.keying).toEqual(['sdes', 'none']);
    const media = of(
      `a=tcap:1 RTP/SAVP\na=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${key128}\na=pcfg:1 t=1 a=1`,
      'RTP/AVP',
    );
    expect(media).toMatchObject({ keying: ['sdes', 'none'], keys: [{ profile: 'AES_CM_128_HMAC_SHA1_32' }] });
  });

  test('MIKEY is known by its presence, for the session or one of its media (RFC 4567 §3)', () => {
    expect(of('a=key-mgmt:mikey AQAFgM0XflABAAAAAAAAAAAAAAsAyO')?.keying).toEqual(['mikey']);
    const session = heard(`${head}a=key-mgmt:mikey AQAF\na=fingerprint:SHA-1 00:11\nm=audio 4 RTP/SAVP 0`);
    expect(session[0]?.keying).toEqual(['dtls-srtp', 'mikey']);
  });

  test('SAVP without any key says nothing: it is neither clear nor known', () => {
    expect(of('a=sendonly')).toMatchObject({ keying: [], direction: 'sendonly' });
  });
});

test('addresses are those that packets have: of IPv4 also where they are mapped, and further ones (RFC 6947)', () => {
  const [audio] = heard(`${head}m=audio 4000 RTP/AVP 0
c=IN IP6 ::FFFF:192.0.2.77
a=altc:1 IP6 2001:db8::1 45678
a=rtcp-mux
a=rtcp:9 IN IP4 0.0.0.0`);
  expect(audio?.receives).toEqual({ address: '192.0.2.77', port: 4000 });
  expect(audio?.rtcp).toEqual(audio?.receives);
  expect(audio?.candidates).toEqual([{ address: '2001:db8::1', port: 45_678 }]);
});

test('what is broken is read as far as it makes sense', () => {
  const media = heard(`${head}x marks nothing
m=audio
m=audio nonsense RTP/AVP 0
a=rtpmap:x
c=IN IP4 192.0.2.44/127
m=audio 99999 RTP/AVP 0
m=AUDIO 5000/2 RTP/AVP 0 96 200 x
a=rtpmap:96 iLBC
a=recvonly`);
  expect(media.map(({ receives, kind }) => [receives.address, receives.port, kind])).toEqual([
    ['192.0.2.44', 0, 'audio'],
    ['192.0.2.1', 0, 'audio'],
    ['192.0.2.1', 5000, 'audio'],
  ]);
  expect(media[2]?.codecs).toEqual([
    { payloadType: 0, name: 'PCMU', clockRate: 8_000 },
    { payloadType: 96, name: 'iLBC', clockRate: 8_000 },
  ]);
  expect(heard('hello')).toEqual([]);
});
