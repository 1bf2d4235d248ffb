import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from './recent.ts';

test('the later half is always known, and never more than the most', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40), { maxLength: 200 }), (names) => {
      const recent = new Recent<number>(20);
      for (const [at, name] of names.entries()) recent.set(`${name}`, at);
      const lately = [...new Set(names.toReversed())];
      for (const name of lately.slice(0, 10)) expect(recent.get(`${name}`)).toBe(names.lastIndexOf(name));
      expect(lately.filter((name) => recent.get(`${name}`) !== undefined).length).toBeLessThanOrEqual(20);
    }),
  );
});

test('what is known is not new, until it is taken out', () => {
  const recent = new Recent<true>(4);
  expect([recent.add('a', true), recent.add('a', true)]).toEqual([true, false]);
  recent.delete('a');
  expect(recent.add('a', true)).toBe(true);
});
