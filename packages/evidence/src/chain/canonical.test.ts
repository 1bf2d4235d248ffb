import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type JsonValue } from './canonical.ts';

test('writes the example of RFC 8785 §3.2.2 as §3.2.3 gives it', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('sorts names by UTF-16 code units (RFC 8785 §3.2.3)', () => {
  const names = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 };
  expect(canonicalJson(names)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test('what was parsed from it is written the same again', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = canonicalJson(value as JsonValue);
      expect(canonicalJson(JSON.parse(text) as JsonValue)).toBe(text);
    }),
  );
});

test('refuses what JSON cannot hold', () => {
  const deep = Array.from({ length: 40 }).reduce<JsonValue>((inner) => [inner], 1);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', () => 1, 1n, deep, { a: [Symbol('x')] }]) {
    expect(() => canonicalJson(value as JsonValue)).toThrow(
      expect.objectContaining({ code: 'evidence.not-canonical' }),
    );
  }
});
