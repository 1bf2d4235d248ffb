import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as helper from '../fuzz/helper.ts';
import * as vici from '../fuzz/vici.ts';

test.each([
  ['vici', vici],
  ['helper', helper],
])('the fuzz target %s holds on its corpus and on random input', (_, { corpus, fuzz }) => {
  for (const data of corpus()) {
    fuzz(data);
    for (let length = 0; length < data.length; length += 1) fuzz(data.subarray(0, length));
    for (const [at, octet] of data.entries()) fuzz(data.with(at, octet ^ 0x11));
  }
  expect(corpus().length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_000 }), (data) => fuzz(data)),
    { numRuns: 200 },
  );
});
