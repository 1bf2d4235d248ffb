import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IpsecError } from '../error.ts';
import { octets } from '../octets.fixture.ts';
import {
  decodeViciMessage,
  encodeViciMessage,
  listAt,
  sectionAt,
  sectionsOf,
  textAt,
  type ViciElement,
  type ViciMessage,
  viciMessage,
} from './message.ts';

const name = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const value = fc.uint8Array({ maxLength: 80 });
const { message } = fc.letrec<{ message: ViciMessage; one: ViciElement }>((tie) => ({
  message: fc.array(tie('one'), { maxLength: 5 }),
  one: fc.oneof(
    { depthSize: 'small', maxDepth: 10 },
    fc.record({ kind: fc.constant('value' as const), name, value }),
    fc.record({ kind: fc.constant('list' as const), name, items: fc.array(value, { maxLength: 4 }) }),
    fc.record({ kind: fc.constant('section' as const), name, elements: tie('message') }),
  ),
}));

describe('VICI messages', () => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(message, (one) => {
        expect(decodeViciMessage(encodeViciMessage(one))).toEqual(one);
      }),
    );
  });

  test('any octets are read, and written again as they were, or refused with the typed error', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat(255), fc.nat(), (one, place, octet, cut) => {
        const changed = encodeViciMessage(one);
        if (changed.length > 0) changed[place % changed.length] = octet;
        const offered = changed.subarray(0, cut % 3 === 0 ? cut % (changed.length + 1) : changed.length);
        expect(sameOrRefused(offered)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(sameOrRefused(any)).toBe(true);
      }),
    );
  });

  test.each([
    ['a section that does not end', '01 01 61', 'does not end'],
    ['a section that never began', '02', 'never began'],
    ['a list within which a section begins', '04 01 61 01 01 62', 'cannot stand in a list'],
    ['an item outside of a list', '05 0000', 'cannot stand here'],
    ['a value cut short', '03 01 61 0002 62', 'ends within'],
    ['sections nested without end', '01 01 61'.repeat(40), 'nested deeper'],
  ])('%s is refused', (_, hex, said) => {
    expect(() => decodeViciMessage(octets(hex))).toThrow(said);
  });

  test('what does not fit its length field is refused, and the value is not told', () => {
    expect(() => encodeViciMessage(viciMessage({ ['x'.repeat(256)]: 'a' }))).toThrow('256 characters');
    expect(() => encodeViciMessage(viciMessage({ data: new Uint8Array(65_536).fill(0x73) }))).toThrow(
      'The value of data has 65536 octets; VICI carries 65535',
    );
  });

  test('fields are texts, lists and sections in the order written', () => {
    const built = viciMessage({ version: 2, encap: true, local_addrs: ['192.0.2.1'], local: { auth: 'pubkey' } });
    expect(textAt(built, 'version')).toBe('2');
    expect(textAt(built, 'encap')).toBe('yes');
    expect(listAt(built, 'local_addrs')).toEqual(['192.0.2.1']);
    expect(textAt(sectionAt(built, 'local') ?? [], 'auth')).toBe('pubkey');
    expect(sectionsOf(built).map((one) => one.name)).toEqual(['local']);
    expect([textAt(built, 'local'), listAt(built, 'version'), sectionAt(built, 'version')]).toEqual([
      undefined,
      [],
      undefined,
    ]);
  });
});

function sameOrRefused(offered: Uint8Array): boolean {
  try {
    return Buffer.from(encodeViciMessage(decodeViciMessage(offered))).equals(offered);
  } catch (error) {
    return error instanceof IpsecError && error.code === 'ipsec.vici-malformed';
  }
}
