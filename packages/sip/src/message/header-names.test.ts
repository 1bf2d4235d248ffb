import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalHeaderIn, knownHeader } from './header-names.ts';
import { octets } from './samples.ts';

const spellings = ['Via', 'To', 'CSeq', 'Min-SE', 'Date', 'History-Info', 'Request-Disposition', 'P-Asserted-Identity'];

test.each(spellings)('%s is found where it stands in octets, as by its text', (spelling) => {
  const line = octets(`x${spelling}: value`);
  expect(canonicalHeaderIn(line, 1, 1 + spelling.length)?.name).toBe(spelling);
  expect(canonicalHeaderIn(line, 1, 1 + spelling.length)).toBe(knownHeader(spelling));
});

test.each(['via', 'VIA', 'v', 'Vib', 'Vi', '', 'X-Own', 'Min-S', 'Datf'])(
  'octets that are no canonical spelling (%s) are left to the look-up by text',
  (spelling) => {
    expect(canonicalHeaderIn(octets(spelling), 0, spelling.length)).toBeUndefined();
  },
);

test('whatever octets are a header to the one look-up are that header to the other (RFC 3261 §7.3.1)', () => {
  const nearly = fc
    .record({ of: fc.constantFrom(...spellings), at: fc.nat({ max: 20 }), octet: fc.integer({ min: 33, max: 126 }) })
    .map(({ of, at, octet }) => of.slice(0, at) + String.fromCharCode(octet) + of.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ maxLength: 24 })), (text) => {
      const bytes = octets(text);
      const found = canonicalHeaderIn(bytes, 0, bytes.length);
      if (found !== undefined) expect(found).toBe(knownHeader(text));
      else expect(knownHeader(text)?.name).not.toBe(text);
    }),
  );
});
