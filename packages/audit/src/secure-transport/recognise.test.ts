import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Recognition } from '../signalling/reader.ts';
import {
  looksLikeChannelData,
  looksLikeDtls,
  looksLikeIke,
  looksLikeStun,
  looksLikeTls,
  looksLikeTlsWithin,
} from './recognise.ts';

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const text = (words: string) => new TextEncoder().encode(words);
const seen: readonly Recognition[] = ['yes', 'no', 'more'];

test('a hello is TLS from its version on, and every beginning of it may be', () => {
  const hello = hex('160301006b010000670303');
  expect(looksLikeTls(hello)).toBe('yes');
  for (let length = 0; length < hello.byteLength; length++)
    expect(looksLikeTls(hello.subarray(0, length))).toBe('more');
  expect(looksLikeTls(hex('1603030004020000460303'))).toBe('yes');
});

test('joined later, a record and the head of the next tell', () => {
  const record = Uint8Array.of(23, 3, 3, 0, 30, ...new Uint8Array(30));
  expect(looksLikeTls(record)).toBe('more');
  expect(looksLikeTls(Uint8Array.of(...record, 23, 3, 3, 0, 9))).toBe('yes');
  expect(looksLikeTls(Uint8Array.of(...record, 71, 69, 84))).toBe('no');
  expect(looksLikeTls(hex('140303000101'))).toBe('yes');
  expect(looksLikeTls(hex('15030300020228'))).toBe('yes');
});

test('joined within a record, the next two tell', () => {
  const record = Uint8Array.of(23, 3, 3, 0, 30, ...new Uint8Array(30).fill(7));
  const rest = Uint8Array.of(...record.subarray(11), ...record);
  expect(looksLikeTlsWithin(rest)).toBe('more');
  expect(looksLikeTlsWithin(Uint8Array.of(...rest, ...record))).toBe('yes');
  expect(looksLikeTlsWithin(new Uint8Array(40_000).fill(23))).toBe('no');
});

test('a hello in the form of SSL 2 is recognised (RFC 5246 appendix E.2)', () => {
  const hello = Uint8Array.of(0x80, 9 + 6 + 16, 1, 3, 1, 0, 6, 0, 0, 0, 16, ...new Uint8Array(22));
  expect(looksLikeTls(hello)).toBe('yes');
  expect(looksLikeTls(hello.subarray(0, 8))).toBe('more');
});

test('other protocols are none of them', () => {
  const others = [
    'INVITE sip:a@b SIP/2.0\r\n',
    'GET / HTTP/1.1\r\n',
    '\u0003\u0000\u0000\u0010',
    '\r\n\r\n',
    'SSH-2.0-x',
  ];
  for (const other of [...others.map(text), hex('80000001000000010000000100'), new Uint8Array(40)]) {
    expect(looksLikeTls(other)).toBe('no');
    expect(looksLikeDtls(other)).toBe('no');
    expect(looksLikeStun(other)).toBe('no');
    expect(looksLikeIke(other)).toBe('no');
  }
});

test('datagrams are recognised whole', () => {
  const dtls = hex('16fefd0000000000000000000401020304');
  expect(looksLikeDtls(dtls)).toBe('yes');
  expect(looksLikeDtls(Uint8Array.of(...dtls, ...dtls))).toBe('yes');
  expect(looksLikeDtls(dtls.subarray(0, -1))).toBe('no');
  const short = Uint8Array.of(0x2f, ...new Uint8Array(30));
  expect([looksLikeDtls(short), looksLikeDtls(short, true)]).toEqual(['no', 'yes']);
  const stun = hex('000100002112a442000102030405060708090a0b');
  expect(looksLikeStun(stun)).toBe('yes');
  expect(looksLikeStun(Uint8Array.of(...stun, 1))).toBe('no');
  expect(looksLikeStun(Uint8Array.of(...stun, 1), true)).toBe('yes');
  expect(looksLikeStun(stun.subarray(0, 7), true)).toBe('more');
  expect(looksLikeChannelData(hex('400000030102030000'))).toBe('no');
  expect(looksLikeChannelData(hex('4000000301020300'))).toBe('yes');
  const ike = hex('00112233445566770000000000000000212022080000000000000020ffffffff');
  expect(looksLikeIke(ike)).toBe('yes');
  expect(looksLikeIke(Uint8Array.of(0, 0, 0, 0, ...ike))).toBe('yes');
  expect(looksLikeIke(ike.with(18, 77))).toBe('no');
});

test('any octets get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
      for (const look of [looksLikeTls, looksLikeDtls, looksLikeStun, looksLikeChannelData, looksLikeIke]) {
        expect(seen).toContain(look(octets));
      }
    }),
  );
});
