import { expect, test } from 'vitest';
import { callingNameApdu, readCallingName } from './name.ts';

test.each(['Ann', 'Zoë Müller', 'Дарья', 'x'.repeat(51)])('H.450.8: %s is told as it is', (name) => {
  expect(readCallingName([callingNameApdu(1, { name, restricted: false })])).toEqual({ name, restricted: false });
});

test('H.450.8: a name that is not to be told is not in it', () => {
  const apdu = callingNameApdu(1, { name: 'Ann', restricted: true });
  expect(Buffer.from(apdu).includes('Ann')).toBe(false);
  expect(readCallingName([apdu])).toEqual({ restricted: true });
  expect(readCallingName([Uint8Array.of(1, 2, 3)])).toBeUndefined();
});
