import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyOf, readSelector, sameAddress, selects, TCP } from './selector.ts';

const UDP = 17;

describe('selectors as list-sas prints them', () => {
  test.each<[string, string, number, number, boolean]>([
    ['10.98.0.1/32', '10.98.0.1', 1720, TCP, true],
    ['10.98.0.1/32', '10.98.0.2', 1720, TCP, false],
    ['10.98.0.0/24', '10.98.0.255', 1, UDP, true],
    ['0.0.0.0/0', '10.98.0.1', 1720, TCP, true],
    ['0.0.0.0/0', '2001:db8::1', 1720, TCP, false],
    ['10.98.0.1/32[tcp]', '10.98.0.1', 9, TCP, true],
    ['10.98.0.1/32[tcp]', '10.98.0.1', 9, UDP, false],
    ['10.98.0.1/32[tcp/1720]', '10.98.0.1', 1720, TCP, true],
    ['10.98.0.1/32[tcp/1720]', '10.98.0.1', 1721, TCP, false],
    ['10.98.0.1/32[tcp/h323hostcall]', '10.98.0.1', 1720, TCP, true],
    ['10.98.0.1/32[6/1024-65535]', '10.98.0.1', 1024, TCP, true],
    ['10.98.0.1/32[6/1024-65535]', '10.98.0.1', 1023, TCP, false],
    ['10.98.0.1..10.98.0.9', '10.98.0.9', 5, TCP, true],
    ['10.98.0.1..10.98.0.9', '10.98.0.10', 5, TCP, false],
    ['2001:db8::1/128[tcp/1720]', '2001:DB8:0::1', 1720, TCP, true],
    ['2001:db8::1..2001:db8::ff', '2001:db8::80', 1, TCP, true],
    ['10.98.0.1/32', '::ffff:10.98.0.1', 1720, TCP, true],
  ])('%s and %s:%i by protocol %i: %s', (text, address, port, protocol, held) => {
    const selector = readSelector(text);
    expect(selector !== undefined && selects(selector, { address, port }, protocol)).toBe(held);
  });

  test.each([
    '',
    'dynamic',
    '10.98.0.1',
    '10.98.0.1/33',
    '10.98.0.256/32',
    '10.98.0.1..2001:db8::1',
    '10.98.0.1/32[tcp/OPAQUE]',
    '10.98.0.1/32[dccp]',
    '10.98.0.1/32[tcp/9-1]',
    '10.98.0.1/32[tcp/99999]',
  ])('"%s" cannot be read and so protects nothing', (text) => {
    expect(readSelector(text)).toBeUndefined();
  });

  test('any text is read or not, and no address that is none is held', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 20 }), (text, address) => {
        const selector = readSelector(text) ?? readSelector('0.0.0.0/0');
        if (familyOf(address) !== 'ipv4')
          expect(selector !== undefined && selects(selector, { address, port: 1 }, 6)).toBe(false);
      }),
    );
  });
});

test('addresses are the same however they are written', () => {
  expect(sameAddress('2001:db8:0:0::1', '2001:DB8::1')).toBe(true);
  expect(sameAddress('::ffff:192.0.2.1', '192.0.2.1')).toBe(true);
  expect(sameAddress('fe80::1%eth0', 'fe80::1')).toBe(true);
  expect(sameAddress('192.0.2.1', '192.0.2.2')).toBe(false);
  expect(sameAddress('gw1', 'gw1')).toBe(false);
});
