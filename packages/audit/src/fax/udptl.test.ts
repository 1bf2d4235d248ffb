import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readUdptl } from './udptl.ts';

/** ITU-T T.38 §9.1: its number, what it says, and what was said before. */
const packet = (number: number, primary: readonly number[], ...before: readonly (readonly number[])[]) => {
  const field = (octets: readonly number[]) =>
    octets.length < 128 ? [octets.length, ...octets] : [0x80 | (octets.length >> 8), octets.length & 0xff, ...octets];
  return Uint8Array.of(number >> 8, number & 0xff, ...field(primary), 0, before.length, ...before.flatMap(field));
};
/** v21 data: a field of HDLC data of two octets. */
const data = [0xc0, 0x01, 0x80, 0x00, 0x01, 0xff, 0xc8];

test.each([
  ['no signal', packet(0, [0x00]), 'indicator'],
  ['the flags before a message', packet(7, [0x06], [0x00]), 'indicator'],
  ['data, and a signal once more', packet(300, data, [0x06], [0x06]), 'data'],
  ['data that is longer than a length of one octet counts', packet(9, [0xc6, ...new Array(200).fill(1)]), 'data'],
  ['data with parity of what was before', Uint8Array.of(0, 4, data.length, ...data, 0x80, 1, 1, 1, 2, 0, 0), 'data'],
])('UDPTL: %s', (_, octets, says) => {
  expect(readUdptl(octets)).toMatchObject({ says });
});

test('what ends elsewhere than its lengths say is none, and nothing is an exception', () => {
  const whole = packet(300, data, [0x06], [0x06]);
  for (let length = 0; length < whole.byteLength; length++) {
    expect(readUdptl(whole.subarray(0, length))).toBeUndefined();
  }
  expect(readUdptl(Uint8Array.of(...whole, 0))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => void readUdptl(octets)));
});
