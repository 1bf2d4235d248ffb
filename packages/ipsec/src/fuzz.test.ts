import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus, fuzz } from '../fuzz/vici.ts';

test('the fuzz target vici holds on its corpus and on random input', () => {
  for (const data of corpus()) fuzz(data);
  expect(corpus().length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (data) => fuzz(data)),
    { numRuns: 200 },
  );
});
