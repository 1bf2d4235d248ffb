import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSameMasterKey, keyFingerprint } from './master-key.ts';

test('two keys are the same exactly where their fingerprints are', () => {
  const material = fc.uint8Array({ minLength: 14, maxLength: 30 });
  const pair = fc.oneof(
    fc.tuple(material, material),
    material.map((one) => [one, Uint8Array.from(one)] as const),
    fc.tuple(material, fc.nat({ max: 29 })).map(([one, at]) => {
      const other = Uint8Array.from(one);
      other[at % other.length] = (other[at % other.length] ?? 0) ^ 1;
      return [one, other] as const;
    }),
  );
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const [a, b] = [new Redacted(one), new Redacted(other)];
      expect(isSameMasterKey(a, b)).toBe(keyFingerprint(a) === keyFingerprint(b));
    }),
  );
});
