import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IsoTimes } from './iso-times.ts';

test('whatever moments follow each other, each is written as Date writes it', () => {
  const base = Date.UTC(2026, 10, 28, 23, 59, 58);
  const moment = fc.oneof(fc.integer({ min: base, max: base + 4_000 }), fc.nat({ max: 4_102_444_800_000 }));
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1 }), fc.constantFrom(0, 0.75), (moments, fraction) => {
      const times = new IsoTimes();
      for (const at of moments) expect(times.text(at + fraction)).toBe(new Date(at).toISOString());
    }),
  );
});
