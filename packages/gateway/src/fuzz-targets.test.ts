import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus as accessCorpus, fuzz as fuzzAccess } from '../fuzz/access.ts';
import { corpus as analogueCorpus, fuzz as fuzzAnalogue } from '../fuzz/analogue.ts';

test.each([
  ['access', accessCorpus, fuzzAccess],
  ['analogue', analogueCorpus, fuzzAnalogue],
] as const)('the fuzz target %s holds on its corpus and on random input', (_, corpus, fuzz) => {
  for (const data of corpus()) fuzz(data);
  expect(corpus().length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => fuzz(data)),
    { numRuns: 100 },
  );
});
