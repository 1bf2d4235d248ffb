import type { CallKeys } from '@trustline/phone/node';
import { expect, test } from 'vitest';
import { searchKeys } from './key-search.ts';

const octets = (length: number, from: number) => Uint8Array.from({ length }, (_, at) => (from + 7 * at) & 0xff);
const noise = Uint8Array.from({ length: 500 }, (_, at) => (at * at * 31 + 5) & 0xff);
const direction = (from: number) => ({ masterKeys: [{ key: octets(16, from), salt: octets(14, from + 3) }] });
const keys = [{ send: direction(10), receive: direction(90) }] as unknown as readonly CallKeys[];
const around = (...piece: number[]) => Uint8Array.of(1, 2, 3, ...piece, 4, 5);
const text = (characters: string) => around(...new TextEncoder().encode(characters));

test.each([
  ['as it is', around(...octets(16, 90))],
  ['in hexadecimal', text(Buffer.from(octets(16, 10)).toString('hex'))],
  ['in base64, as in SDP', text(`inline:${Buffer.from([...octets(16, 10), ...octets(14, 13)]).toString('base64')}`)],
])('a key is found %s', (_, overheard) => {
  expect(searchKeys(keys, [noise, overheard])).toEqual({ made: 2, found: 1, named: 0 });
});

test('a suite of H.235.8 is seen to be named, and what is neither is nothing', () => {
  const named = around(0x00, 0x08, 0x81, 0x6b, 0x00, 0x04, 0x5b);
  expect(searchKeys(keys, [named, named])).toEqual({ made: 2, found: 0, named: 2 });
  expect(searchKeys(keys, [noise])).toEqual({ made: 2, found: 0, named: 0 });
});
