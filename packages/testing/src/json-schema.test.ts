import { expect, test } from 'vitest';
import { schemaViolations } from './json-schema.ts';

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    at: { type: ['string', 'null'], format: 'date-time' },
    kind: { enum: ['a', 'b'] },
    counts: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
    next: { anyOf: [{ $ref: '#/$defs/next' }, { type: 'null' }] },
  },
  required: ['name'],
  $defs: { next: { type: 'array', items: { type: 'number' }, maxItems: 2 } },
};

test.each([
  [{ name: 'x', at: null, kind: 'a', counts: { p: 1 }, next: [1, 2] }, []],
  [{ name: 'x', at: '2026-01-01T00:00:00Z', next: null }, []],
  [{}, ['the document: name is missing']],
  [[], ['the document: object is wanted']],
  [{ name: 1 }, ['.name: string is wanted']],
  [{ name: 'x', at: 'now' }, ['.at: now is no time']],
  [{ name: 'x', kind: 'c' }, ['.kind: "c" is none of them']],
  [{ name: 'x', counts: { p: -1, q: 0.5 } }, ['.counts.p: -1 is too little', '.counts.q: integer is wanted']],
  [{ name: 'x', next: [1, 2, 'c'] }, ['.next[2]: number is wanted', '.next: 3 are too many']],
  [{ name: 'x', next: [Number.NaN] }, ['.next[0]: number is wanted']],
  [{ name: 'x', other: 1 }, ['.other: no schema names it']],
])('%j: %j', (value, violations) => {
  expect(schemaViolations(schema, value)).toEqual(violations);
});

test('a keyword that is not known is no silent pass', () => {
  expect(() => schemaViolations({ pattern: '^a' }, 'a')).toThrow('pattern');
});
