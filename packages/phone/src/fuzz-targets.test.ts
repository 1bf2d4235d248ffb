import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus as callMediaCorpus, fuzz as fuzzCallMedia } from '../fuzz/call-media.ts';

test.each([['call-media', fuzzCallMedia, callMediaCorpus()]])(
  'the fuzz target %s holds on random input, and on every sample cut short and with an octet changed',
  (_, fuzz, samples) => {
    expect(samples.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => fuzz(data)),
      { numRuns: 100 },
    );
    for (const sample of samples) {
      fuzz(sample);
      const step = Math.ceil(sample.length / 25); // what follows is done to every octet by the fuzzer, in its time
      for (let at = 0; at < sample.length; at += step) {
        fuzz(sample.subarray(0, at));
        for (const octet of [0x00, 0x20, 0x30, 0xff]) fuzz(sample.with(at, octet));
      }
    }
  },
);
