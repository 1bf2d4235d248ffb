import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { alice, bob, Ear, request, response, sdp } from './messages.fixture.ts';

const offer = sdp('192.0.2.10', 'm=audio 4000 RTP/AVP 8');
const ports = ({ leg }: Ear) => leg.descriptions.map(({ receives }) => receives.port);
const heard = (message: string) => new Ear().hear(alice, bob, message);

describe('a description is found', () => {
  test('within a multipart, also one within another, with ISUP beside it (RFC 5621, RFC 3204)', () => {
    const body = `This is to be ignored
--outer
Content-Type: multipart/alternative; boundary="in ner"

--in ner
Content-Type: application/sdp
Content-Disposition: session

${offer}
--in ner--
--outer
Content-Type: application/isup;version=nxv3;base=etsi121

\u0001\u0011\u0048
--outer--`;
    expect(ports(heard(request('INVITE', 1, 'Content-Type: multipart/mixed;boundary=outer', body)))).toEqual([4000]);
  });

  test('where the multipart does not end, or a part has no type', () => {
    const type = 'c: multipart/mixed; boundary="b"';
    expect(ports(heard(request('INVITE', 1, type, `--b\n\n${offer}`)))).toEqual([4000]);
    expect(ports(heard(request('INVITE', 1, type, `--b\nContent-Type: application/sdp\n\n${offer}\n`)))).toEqual([
      4000,
    ]);
  });

  test('where no type is said, or in a compact form', () => {
    expect(ports(heard(request('INVITE', 1, '', offer)))).toEqual([4000]);
    expect(ports(heard(request('INVITE', 1, 'c: APPLICATION/SDP;charset=utf-8', offer)))).toEqual([4000]);
  });

  test('where it is packed (RFC 3261 §20.12); what unpacks to more than a body may have is left', () => {
    const packed = (text: string) => String.fromCharCode(...gzipSync(text));
    const send = (text: string) => {
      const head = request('INVITE', 1, 'Content-Type: application/sdp\nContent-Encoding: gzip').replace(
        'Length: 0',
        `Length: ${packed(text).length}`,
      );
      return new Ear().hearOctets(
        alice,
        bob,
        Uint8Array.from(head + packed(text), (one) => one.charCodeAt(0)),
      );
    };
    expect(ports(send(offer.replaceAll('\n', '\r\n')))).toEqual([4000]);
    expect(ports(send('v=0\r\n'.repeat(100_000)))).toEqual([]);
  });

  test('in any message of a call: PRACK, UPDATE, ACK, and what answers them (RFC 3261 §13.2.1, RFC 3262 §5)', () => {
    const type = 'Content-Type: application/sdp';
    const at = (port: number) => sdp('192.0.2.10', `m=audio ${port} RTP/AVP 8`);
    const ear = new Ear()
      .hear(alice, bob, request('INVITE', 1))
      .hear(bob, alice, response('183 Session Progress', 'INVITE', 1, `${type}\nRSeq: 1`, at(4002)))
      .hear(alice, bob, request('PRACK', 2, `${type}\nRAck: 1 1 INVITE`, at(4004)))
      .hear(bob, alice, response('200 OK', 'PRACK', 2, type, at(4006)))
      .hear(alice, bob, request('UPDATE', 3, type, at(4008)))
      .hear(alice, bob, request('ACK', 1, type, at(4010)));
    expect(ports(ear)).toEqual([4002, 4004, 4006, 4008, 4010]);
    expect(ear.leg.descriptions.map(({ end }) => end)).toEqual(['called', 'caller', 'called', 'caller', 'caller']);
  });
});

test('a key that comes only in a later re-INVITE is read there, and its message says that it carries one', () => {
  const key = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz';
  const type = 'Content-Type: application/sdp';
  const secured = sdp('192.0.2.10', `m=audio 4000 RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`);
  const { leg } = new Ear()
    .hear(alice, bob, request('INVITE', 1, type, offer))
    .hear(bob, alice, response('200 OK', 'INVITE', 1, type, sdp('192.0.2.20', 'm=audio 5000 RTP/AVP 8')))
    .hear(alice, bob, request('INVITE', 2, type, secured));
  expect(leg.messages.map(({ carriesKey }) => carriesKey)).toEqual([false, false, true]);
  expect(leg.descriptions.at(-1)?.keys[0]?.source).toMatchObject({
    kind: 'signalling',
    how: 'sdes',
    place: { number: 3 },
  });
  expect(leg.messages.at(-1)?.detail).toBe('audio 192.0.2.10:4000 RTP/SAVP PCMA sdes');
});

test('the same description read by a given key and in the clear is told for each: who reads it differs', () => {
  const type = 'Content-Type: application/sdp';
  const message = request('INVITE', 1, type, offer);
  const opened = { kind: 'given-key', connection: 1 } as const;
  const ear = new Ear(opened).hear(alice, bob, message);
  ear.within({ kind: 'clear' }).hear(bob, alice, message).hear(bob, alice, message, 10);
  expect(ear.leg.descriptions).toHaveLength(2);
  expect(ear.leg.messages).toHaveLength(1);
  expect(ear.leg.messages[0]?.otherPaths?.map(({ exposure }) => exposure.kind)).toEqual(['clear']);
});

test('a message that is cut shows what came of it', () => {
  const whole = request(
    'INVITE',
    1,
    'Content-Type: application/sdp',
    sdp('192.0.2.10', 'm=audio 4000 RTP/AVP 8\na=x:y'),
  );
  const ear = new Ear().hear(alice, bob, whole.slice(0, -5));
  expect(ports(ear)).toEqual([4000]);
  const callId = whole.indexOf('Call-ID: call-1@192.0.2.10') + 'Call-ID: call-1@192.0.2.10\r\n'.length;
  expect(heard(whole.slice(0, callId)).losses().broken).toBe(1);
});
