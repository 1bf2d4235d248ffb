import { describe, expect, test } from 'vitest';
import { revealed } from '../revealed.fixture.ts';
import { Schema } from './schema.ts';
import type { TypeTable } from './table.ts';

/** Octets worked out by hand from X.691; each value is also read back from them. */
type Example = readonly [rule: string, type: TypeTable, value: unknown, octets: string];

const sequence = (...types: TypeTable[]): TypeTable => ({
  is: 'sequence',
  fields: types.map((of, i) => ({ name: 'abc'[i] ?? '', of })),
});
const boolean: TypeTable = { is: 'boolean' };
const nothing: TypeTable = { is: 'null' };
const integer = (from?: number, to?: number): TypeTable => ({
  is: 'integer',
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
});
const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const digits = { is: 'characters', of: 'IA5String', size: [1, 128], alphabet: '#*,0123456789' } as const;
const extensible: TypeTable = {
  is: 'sequence',
  fields: [{ name: 'a', of: boolean }],
  additions: [{ name: 'b', of: integer(0, 255) }],
};
const grouped: TypeTable = {
  is: 'sequence',
  fields: [{ name: 'a', of: boolean }],
  additions: [
    {
      group: [
        { name: 'c', of: integer(0, 7) },
        { name: 'd', of: boolean, optional: true },
      ],
    },
  ],
};
const colours: TypeTable = { is: 'enumerated', names: ['red', 'green', 'blue'], additions: ['grey'] };
const choice: TypeTable = {
  is: 'choice',
  alternatives: ['x', 'y', 'z'].map((name) => ({ name, of: nothing })),
  additions: [{ name: 'w', of: integer(0, 255) }],
};

const examples: readonly Example[] = [
  ['§11.5.7.1: a range up to 255 takes the least bits', integer(3, 6), 4, '40'],
  [
    '§11.5.7.1: a range of 255 takes 8 bits, not aligned',
    sequence(boolean, integer(0, 254)),
    { a: true, b: 5 },
    '8280',
  ],
  ['§11.5.7.2: a range of 256 is an aligned octet', sequence(boolean, integer(0, 255)), { a: true, b: 5 }, '8005'],
  [
    '§11.5.7.3: a range up to 64K is two aligned octets',
    sequence(boolean, integer(1, 65_535)),
    { a: true, b: 259 },
    '800102',
  ],
  ['§11.5.7.4: beyond it the number of octets comes first', integer(0, 65_536), 258, '400102'],
  ['§11.5.7.4: zero takes one octet', integer(0, 4_294_967_295), 0, '0000'],
  ['§11.5.3: a range of one takes nothing', sequence(integer(5, 5), boolean), { a: 5, b: true }, '80'],
  ['§13.2.2: with a lower bound, the distance from it', integer(1), 257, '020100'],
  ['§13.2.4: without bounds, two’s complement: -1', integer(), -1, '01ff'],
  ['§13.2.4: 128', integer(), 128, '020080'],
  ['§13.2.4: -129', integer(), -129, '02ff7f'],
  ['§13.2.4: more than a number holds exactly', integer(), 2n ** 64n, '09010000000000000000'],
  ['§13.1: an extensible range, within', { is: 'integer', from: 0, to: 7, extensible: true }, 5, '50'],
  ['§13.1: an extensible range, beyond', { is: 'integer', from: 0, to: 7, extensible: true }, 8, '800108'],
  ['§14.2: an index', { is: 'enumerated', names: ['red', 'green', 'blue'] }, 'blue', '80'],
  ['§14.3: an index after the extension bit', colours, 'green', '20'],
  ['§14.3: an addition', colours, 'grey', '80'],
  ['§14.3: an addition that is not known', colours, 2, '82'],
  ['§11.6.2: an index above 63', colours, 64, 'c00140'],
  [
    '§17.6: two octets are not aligned',
    sequence(boolean, { is: 'octets', size: [2, 2] }),
    { a: true, b: octets('abcd') },
    'd5e680',
  ],
  ['§17.7: three are', sequence(boolean, { is: 'octets', size: [3, 3] }), { a: true, b: octets('abcdef') }, '80abcdef'],
  [
    '§17.8: a length between bounds, then aligned',
    sequence(boolean, { is: 'octets', size: [0, 3] }),
    { a: true, b: octets('abcd') },
    'c0abcd',
  ],
  [
    '§11.9.3.3: nothing is aligned for nothing',
    sequence({ is: 'octets', size: [0, 3] }, boolean),
    { a: octets(''), b: true },
    '20',
  ],
  ['§17.8: without bounds', { is: 'octets' }, octets('ab'), '01ab'],
  ['§11.9.3.6: a length of 200', { is: 'octets' }, new Uint8Array(200), `80c8${'00'.repeat(200)}`],
  ['§11.9.3.8: one block of 16K, and no more', { is: 'octets' }, new Uint8Array(16_384), `c1${'00'.repeat(16_384)}00`],
  [
    '§11.9.3.8: four blocks and the rest',
    { is: 'octets' },
    new Uint8Array(70_000),
    `c4${'00'.repeat(65_536)}9170${'00'.repeat(4_464)}`,
  ],
  [
    '§16.9: sixteen bits are not aligned',
    sequence(boolean, { is: 'bits', size: [16, 16] }),
    { a: true, b: { octets: octets('8001'), length: 16 } },
    'c00080',
  ],
  [
    '§16.10: seventeen are',
    sequence(boolean, { is: 'bits', size: [17, 17] }),
    { a: true, b: { octets: octets('800180'), length: 17 } },
    '80800180',
  ],
  ['§16.11: a length without bounds', { is: 'bits' }, { octets: octets('a0'), length: 3 }, '03a0'],
  ['§30.5.4: places in an alphabet of 13', digits, '1000', '064333'],
  ['§30.5.4: NumericString', { is: 'characters', of: 'NumericString', size: [1, 16] }, '12', '1023'],
  [
    '§30.5.4: codes where they fit: 17 characters of 8 bits',
    { is: 'characters', of: 'IA5String', size: [1, 1], alphabet: '!#*0123456789ABCD' },
    '5',
    '35',
  ],
  [
    '§30.5.7: up to 16 bits of fixed length are not aligned',
    sequence(boolean, { is: 'characters', of: 'IA5String', size: [2, 2] }),
    { a: true, b: '00' },
    '981800',
  ],
  [
    '§30.5.6: an empty text is not aligned',
    sequence({ is: 'characters', of: 'NumericString', size: [0, 4] }, boolean),
    { a: '', b: true },
    '10',
  ],
  ['§30.5.2: BMPString', { is: 'characters', of: 'BMPString', size: [1, 256] }, 'AB', '0100410042'],
  ['§30.6: GeneralString', { is: 'characters', of: 'GeneralString' }, '5', '0135'],
  ['§24, X.690 §8.19: two arcs in one number', { is: 'oid' }, '2.999.3', '03883703'],
  ['§24: H.245 version 7', { is: 'oid' }, '0.0.8.245.0.7', '0600088175 0007'.replaceAll(' ', '')],
  ['§24: an arc of 128 bits', { is: 'oid' }, `2.25.${2n ** 127n}`, `1469${`82${'80'.repeat(17)}00`}`],
  [
    '§19.2: a bit for each optional field',
    {
      is: 'sequence',
      fields: [
        { name: 'a', of: boolean, optional: true },
        { name: 'b', of: boolean, optional: true },
      ],
    },
    { b: true },
    '60',
  ],
  ['§19.1: no addition', extensible, { a: true }, '40'],
  ['§19.7 to §19.9: an addition is an open type', extensible, { a: true, b: 5 }, 'c0400105'],
  ['§19.9: a group is a SEQUENCE', grouped, { a: true, c: 5 }, 'c0400150'],
  ['§19.9: with its optional field', grouped, { a: true, c: 5, d: true }, 'c04001d8'],
  [
    'additions of a newer version survive',
    extensible,
    { a: true, '...': { unknown: [{ index: 1, octets: octets('ff00') }] } },
    'c0a0' + '02ff00',
  ],
  ['presence bits that a peer wrote in vain survive', extensible, { a: true, b: 5, '...': { width: 3 } }, 'c1400105'],
  [
    '§11.9.3.4: more than 64 presence bits',
    extensible,
    { a: true, b: 5, '...': { width: 65 } },
    'e04180000000000000000001' + '05',
  ],
  ['§23.6: an index', choice, { kind: 'z' }, '40'],
  ['§23.8: an addition is an open type', choice, { kind: 'w', value: 5 }, '800105'],
  ['an alternative of a newer version survives', choice, { kind: '...', index: 1, octets: octets('ab') }, '8101ab'],
  ['§11.2: an open type has at least one octet', { is: 'open', of: nothing }, null, '0100'],
  [
    '§11.2: of 128 octets',
    { is: 'open', of: { is: 'octets', size: [128, 128] } },
    new Uint8Array(128),
    `8080${'00'.repeat(128)}`,
  ],
  [
    '§11.2: of 16K and two octets',
    { is: 'open', of: { is: 'octets' } },
    new Uint8Array(16_384),
    `c1c1${'00'.repeat(16_383)}020000`,
  ],
  ['§20.6: elements follow each other', { is: 'list', of: integer(0, 7), size: [0, 3] }, [1, 2, 3], 'ca60'],
  [
    '§20.6: a list in blocks',
    { is: 'list', of: boolean },
    Array.from({ length: 16_385 }, () => true),
    `c1${'ff'.repeat(2_048)}0180`,
  ],
  ['§11.1: nothing is one octet', nothing, null, '00'],
];

function codecOf(type: TypeTable, limits = { depth: 64, elements: 100_000 }) {
  return new Schema([{ module: 'M', types: { T: type } }], limits).codec<unknown>('M', 'T');
}

test.each(examples)('X.691 %s', (_, type, value, expected) => {
  const codec = codecOf(type);
  expect(Buffer.from(codec.encode(value)).toString('hex')).toBe(expected);
  const result = codec.decode(octets(expected));
  if (!result.ok) throw result.error;
  expect(revealed(result.value)).toEqual(revealed(value));
  expect(result.end).toBe(expected.length / 2);
});

describe('what is refused', () => {
  const recursive: TypeTable = {
    is: 'sequence',
    fields: [{ name: 'inner', of: { is: 'ref', type: 'T' }, optional: true }],
  };
  const refused: readonly (readonly [what: string, type: TypeTable, input: string, code: string, offset: number])[] = [
    ['an end within a number', integer(0, 65_535), '01', 'h323.truncated', 0],
    ['a number beyond its bounds', integer(0, 4), 'e0', 'h323.out-of-range', 0],
    ['an index that no alternative has', choice, '60', 'h323.out-of-range', 0],
    ['a length of no blocks', { is: 'octets' }, 'c0', 'h323.out-of-range', 0],
    ['a length of five blocks', { is: 'octets' }, 'c5', 'h323.out-of-range', 0],
    ['four blocks with nothing behind', { is: 'octets' }, 'c4', 'h323.truncated', 1],
    [
      '64K elements that take no bit, again and again',
      { is: 'list', of: nothing },
      'c4'.repeat(60),
      'h323.too-many',
      1,
    ],
    ['more elements than the message could hold', { is: 'list', of: integer(0, 255) }, 'bfff00', 'h323.too-many', 2],
    ['a message that holds itself a hundred times', recursive, 'ff'.repeat(20), 'h323.too-deep', 8],
    ['a character outside its alphabet', digits, '00d0', 'h323.out-of-range', 1],
    ['a longer list than there is', { is: 'octets', size: [2, 3] }, 'ffff', 'h323.truncated', 0],
    ['an object identifier that does not end', { is: 'oid' }, '0280ff', 'h323.malformed', 0],
    ['an object identifier with a leading zero', { is: 'oid' }, '038000 01'.replace(' ', ''), 'h323.malformed', 0],
    ['a number without octets', integer(), '00', 'h323.malformed', 1],
    ['an open type that is longer than what holds it', { is: 'open', of: boolean }, '0280', 'h323.truncated', 1],
    ['16K presence bits with nothing behind', extensible, 'e0bfff', 'h323.truncated', 3],
    ['presence bits in blocks', extensible, 'e0c1', 'h323.out-of-range', 2],
  ];

  test.each(refused)('%s', (_, type, input, code, offset) => {
    const result = codecOf(type, { depth: 64, elements: 8_192 }).decode(octets(input));
    expect(result.ok).toBe(false);
    if (result.ok) return;
    expect([result.error.code, result.error.offset]).toEqual([code, offset]);
    expect(result.error.message).toContain('T');
  });

  test('a fault names the path of the field and the bit', () => {
    const type = sequence(boolean, { is: 'list', of: sequence({ is: 'octets' }) });
    const result = codecOf(type).decode(octets('800201ff05'));
    if (result.ok) throw new Error('it was read');
    expect(result.error.message).toBe('T.b.1.a: 5 octets should follow (octet 5, bit 0)');
  });

  test('a value that does not fit is named, not shown', () => {
    const type = sequence(boolean, { is: 'list', of: digits });
    expect(() => codecOf(type).encode({ a: true, b: ['12', 'secret'] })).toThrow(
      expect.objectContaining({
        code: 'h323.not-encodable',
        message: 'T.b.1: a character outside the permitted alphabet',
      }),
    );
    const unfit: readonly (readonly [TypeTable, unknown])[] = [
      [integer(0, 7), 8],
      [integer(0, 7), 1.5],
      [integer(1), 0],
      [integer(), 0.5],
      [boolean, 1],
      [nothing, undefined],
      [colours, 'pink'],
      [colours, 0],
      [{ is: 'enumerated', names: ['red'] }, 3],
      [choice, { kind: 'v' }],
      [choice, { kind: '...', index: 0, octets: octets('00') }],
      [choice, 'x'],
      [extensible, { a: true, '...': { unknown: [{ index: 0, octets: octets('00') }] } }],
      [extensible, { a: true, '...': { width: 20_000 } }],
      [extensible, {}],
      [extensible, undefined],
      [{ is: 'octets', size: [2, 3] }, octets('00')],
      [{ is: 'octets' }, 'text'],
      [{ is: 'octets', secret: true }, octets('00')],
      [
        { is: 'bits', size: [3, 3] },
        { octets: octets('0000'), length: 3 },
      ],
      [{ is: 'characters', of: 'GeneralString' }, 'Ω'],
      [{ is: 'characters', of: 'IA5String' }, 'Ω'],
      [{ is: 'list', of: boolean, size: [1] }, []],
      [{ is: 'list', of: boolean }, {}],
      [{ is: 'oid' }, '1.40'],
      [{ is: 'oid' }, '1'],
      [{ is: 'oid' }, '1.2.03'],
    ];
    for (const [one, value] of unfit) {
      expect(() => codecOf(one).encode(value), JSON.stringify(one)).toThrow(
        expect.objectContaining({ code: 'h323.not-encodable' }),
      );
    }
  });

  test('what failed to be written leaves nothing behind', () => {
    const codec = codecOf(sequence(integer(0, 255), boolean));
    expect(() => codec.encode({ a: 255, b: 'no' })).toThrow();
    expect(Buffer.from(codec.encode({ a: 0, b: true })).toString('hex')).toBe('0080');
  });
});
