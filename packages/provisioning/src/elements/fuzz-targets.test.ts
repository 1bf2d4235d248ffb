import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus as capfCorpus, fuzz as fuzzCapf } from '../../fuzz/capf.ts';
import { fuzz as fuzzTvs, corpus as tvsCorpus } from '../../fuzz/tvs.ts';

test.each([
  ['capf', fuzzCapf, capfCorpus()],
  ['tvs', fuzzTvs, tvsCorpus()],
] as const)(
  'the fuzz target %s holds on random input, and on every sample cut short and with an octet changed',
  (_, fuzz, samples) => {
    expect(samples.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => fuzz(data)),
      { numRuns: 200 },
    );
    for (const sample of samples) {
      fuzz(sample);
      for (let at = 0; at < sample.length; at += 1) {
        fuzz(sample.subarray(0, at));
        fuzz(sample.with(at, 0xff));
      }
    }
  },
);
