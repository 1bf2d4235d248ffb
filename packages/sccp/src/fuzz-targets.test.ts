import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus as codecCorpus, fuzz as fuzzCodec } from '../fuzz/codec.ts';
import { fuzz as fuzzSession, corpus as sessionCorpus } from '../fuzz/session.ts';

test.each([
  ['codec', codecCorpus, fuzzCodec],
  ['session', sessionCorpus, fuzzSession],
] as const)('the fuzz target %s holds on its corpus and on random input', (_, corpus, fuzz) => {
  for (const data of corpus()) fuzz(data);
  expect(corpus().length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (data) => fuzz(data)),
    { numRuns: 200 },
  );
});
