import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromNetascii, toNetascii } from './netascii.ts';

const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

test('RFC 764: a line ends with CR LF, a bare CR is CR NUL', () => {
  expect(toNetascii(octets('a\nb\rc\r\n'))).toEqual(octets('a\r\nb\r\0c\r\0\r\n'));
  expect(fromNetascii(octets('a\r\nb\r\0c'))).toEqual(octets('a\nb\rc'));
});

test('any octets come back, and no line end is left that is not CR LF', () => {
  const raw = fc.array(fc.constantFrom(0, 10, 13, 65)).map((codes) => Uint8Array.from(codes));
  fc.assert(
    fc.property(raw, (bytes) => {
      const text = toNetascii(bytes);
      expect(fromNetascii(text)).toEqual(bytes);
      expect(Buffer.from(text).toString('latin1')).not.toMatch(/(?<!\r)\n|\r(?![\n\0])/);
    }),
  );
});

test('a CR that no sender should leave alone is kept', () => {
  expect(fromNetascii(octets('\rx\r'))).toEqual(octets('\rx\r'));
});
