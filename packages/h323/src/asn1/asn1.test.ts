import { describe, expect, test } from 'vitest';
import { parseModules } from './parse-module.ts';
import { makeTables } from './tables.ts';

const inModule = (text: string) => `M DEFINITIONS AUTOMATIC TAGS ::= BEGIN ${text} END`;
const tableOf = (text: string) => makeTables(parseModules(inModule(`T ::= ${text}`)))[0]?.types['T'];

describe('ASN.1 becomes tables', () => {
  test.each([
    ['INTEGER (-4..7)', { is: 'integer', from: -4, to: 7 }],
    ['INTEGER (1..MAX)', { is: 'integer', from: 1 }],
    ['INTEGER (0..7, ...)', { is: 'integer', from: 0, to: 7, extensible: true }],
    ['INTEGER { one (1) }', { is: 'integer' }],
    ['ENUMERATED { b (2), a (1), ..., c (3) }', { is: 'enumerated', names: ['a', 'b'], additions: ['c'] }],
    ['IA5String (SIZE (1) ^ FROM ("ba" | "c"))', { is: 'characters', of: 'IA5String', size: [1, 1], alphabet: 'abc' }],
    ['IA5String (SIZE (1..128)) (FROM ("21"))', { is: 'characters', of: 'IA5String', size: [1, 128], alphabet: '12' }],
    ['SET SIZE (1..256) OF BOOLEAN', { is: 'list', of: { is: 'boolean' }, size: [1, 256] }],
    ['SEQUENCE (SIZE (2)) OF NULL', { is: 'list', of: { is: 'null' }, size: [2, 2] }],
    ['TYPE-IDENTIFIER.&Type (BOOLEAN)', { is: 'open', of: { is: 'boolean' } }],
    [
      'SEQUENCE { a BOOLEAN OPTIONAL, b BOOLEAN DEFAULT yes, ..., [[ c NULL, d NULL OPTIONAL ]], e NULL }',
      {
        is: 'sequence',
        fields: [
          { name: 'a', of: { is: 'boolean' }, optional: true },
          { name: 'b', of: { is: 'boolean' }, optional: true },
        ],
        additions: [
          {
            group: [
              { name: 'c', of: { is: 'null' } },
              { name: 'd', of: { is: 'null' }, optional: true },
            ],
          },
          { name: 'e', of: { is: 'null' } },
        ],
      },
    ],
    [
      'CHOICE { a [1] NULL, b [2] NULL, ... }',
      {
        is: 'choice',
        alternatives: [
          { name: 'a', of: { is: 'null' } },
          { name: 'b', of: { is: 'null' } },
        ],
        additions: [],
      },
    ],
  ])('%s', (text, expected) => expect(tableOf(text)).toEqual(expected));

  test('constraints of a reference are put on what it refers to, inner ones are not seen', () => {
    const [table] = makeTables(
      parseModules(inModule('I ::= INTEGER A ::= I (0..3) B ::= I (CONSTRAINED BY { -- by -- I }) v I ::= 5')),
    );
    expect(table?.types).toEqual({
      I: { is: 'integer' },
      A: { is: 'integer', from: 0, to: 3 },
      B: { is: 'ref', type: 'I' },
    });
  });

  test('a parameterized type is put in where it is used, with names of the module that gives them', () => {
    const tables = makeTables(
      parseModules(`
        P DEFINITIONS AUTOMATIC TAGS ::= BEGIN Own ::= NULL BOX { Inner } ::= SEQUENCE { own Own, inner Inner } END
        Q DEFINITIONS AUTOMATIC TAGS ::= BEGIN IMPORTS BOX{} FROM P; Mine ::= NULL T ::= BOX { Mine } END`),
    );
    expect(tables[1]?.types['T']).toEqual({
      is: 'sequence',
      fields: [
        { name: 'own', of: { is: 'ref', type: 'Own', module: 'P' } },
        { name: 'inner', of: { is: 'ref', type: 'Mine' } },
      ],
    });
  });

  test.each([
    ['REAL', 'there is no type REAL'],
    ['SET { a NULL }', 'line 1'],
    ['OCTET STRING (SIZE (1..4, ...))', 'extensible size'],
    ['CHOICE { a [2] NULL, b [1] NULL }', 'tags that do not ascend'],
    ['ENUMERATED { a (1), b }', 'some values have numbers'],
    ['Missing', 'there is no type Missing'],
    ['SEQUENCE { a', 'at the end'],
    ['"text"', 'a name should be here'],
    ['INTEGER (~)', 'no ASN.1 begins with'],
  ])('%s is refused, and where it stands is said', (text, message) => expect(() => tableOf(text)).toThrow(message));
});
