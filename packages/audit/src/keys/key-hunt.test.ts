import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clear } from '../model/exposure.ts';
import type { MediaKey } from '../model/media-key.ts';
import { KeyHunt, keysWithin } from './key-hunt.ts';
import { StrayKeys } from './stray-keys.ts';

const place = { number: 1, microseconds: 0 };
const source = { kind: 'signalling', how: 'sdes', place, exposure: clear } as const;
const octets = (text: string) => new TextEncoder().encode(text);
/** The example of RFC 4568 §9.1, whose key has slashes. */
const line = 'AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4';
const found = (text: string) => keysWithin(octets(text), source);
const profiles = (keys: readonly MediaKey[] | undefined) => keys?.map(({ profile }) => profile);

describe('keys within any octets', () => {
  test('are read with their suite and MKI', () => {
    const [keys] = found(`\0\0a=crypto:1 ${line}\r\nm=`);
    expect(profiles(keys)).toEqual(['AES_CM_128_HMAC_SHA1_80']);
    expect(keys?.[0]?.mki).toEqual(Uint8Array.of(0, 0, 0, 1));
  });

  test('are read where a JSON text escapes their slashes', () => {
    const slashes = `AES_CM_128_HMAC_SHA1_32 inline:${'ab/+'.repeat(10)}`;
    const escaped = JSON.stringify({ crypto: slashes }).replaceAll('/', '\\/');
    expect(found(escaped)[0]?.[0]?.masterKey).toEqual(found(slashes)[0]?.[0]?.masterKey);
  });

  test('are of each suite of their length, where none is named', () => {
    expect(profiles(found(`"key":"inline:${'A1b2'.repeat(10)}"`)[0])).toEqual([
      'AES_CM_128_HMAC_SHA1_80',
      'AES_CM_128_HMAC_SHA1_32',
    ]);
  });

  test('are none where the base64 is too short, or nothing says inline', () => {
    expect(found('inline:c2hvcnQ')).toEqual([]);
    expect(found(`outline : ${'A1b2'.repeat(10)}`)).toEqual([]);
  });

  test('never throw, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string({ maxLength: 64 }), (noise, words) => {
        keysWithin(noise, source);
        keysWithin(octets(`${words} inline:${words}`), source);
      }),
    );
  });
});

test('a key that two pieces part is found, but not where something is missing between them', () => {
  const end = { address: '192.0.2.1', port: 1 };
  const read = (say: (hunt: KeyHunt) => void) => {
    const strays = new StrayKeys();
    say(new KeyHunt(strays, end, end, clear));
    return strays.all().length;
  };
  const [one, other] = [octets(line.slice(0, 50)), octets(line.slice(50))];
  const pieces = (between: (hunt: KeyHunt) => void) => (hunt: KeyHunt) => {
    hunt.piece(one, place);
    between(hunt);
    hunt.piece(other, place);
  };
  expect(read(pieces(() => {}))).toBe(1);
  expect(read(pieces((hunt) => hunt.gap()))).toBe(0);
});

test('stray keys are forgotten, oldest first, once they are too many; what a description tells of is none', () => {
  const strays = new StrayKeys();
  const keyOf = (number: number): MediaKey => ({
    profile: 'AES_CM_128_HMAC_SHA1_80',
    masterKey: Uint8Array.of(number >> 8, number & 0xff),
    masterSalt: Uint8Array.of(),
    source,
  });
  const end = { address: '192.0.2.1', port: 1 };
  strays.explain([keyOf(1)]);
  for (let number = 0; number < 2_050; number++) strays.found({ from: end, to: end, place, keys: [keyOf(number)] });
  expect(strays.all()).toHaveLength(2_048);
  expect(strays.notKept).toBe(1);
  strays.explain([keyOf(2_000)]);
  expect(strays.all()).toHaveLength(2_047);
});
