import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexadecimal } from './hexadecimal.ts';

test('two lower-case digits for each octet', () => {
  expect(hexadecimal(Uint8Array.of(0, 1, 0x7f, 0x80, 0xff))).toBe('00017f80ff');
  fc.assert(fc.property(fc.uint8Array(), (octets) => hexadecimal(octets) === Buffer.from(octets).toString('hex')));
});
