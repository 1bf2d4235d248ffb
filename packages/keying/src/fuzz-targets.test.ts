import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/sdes.ts';
import examples from '../vectors/rfc4568-examples.json' with { type: 'json' };

test('the fuzz target holds on random input and on every example with one octet changed', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (data) => fuzz(data)));
  const samples = examples.lines.map(({ line }) => new TextEncoder().encode(line.slice('a=crypto:'.length)));
  expect(samples.length).toBeGreaterThan(5);
  for (const sample of samples) {
    fuzz(sample);
    for (let at = 0; at < sample.length; at++) {
      for (const octet of [0, 0x20, 0x3b, 0x7c, 0xff]) fuzz(sample.with(at, octet));
      fuzz(sample.subarray(0, at));
    }
  }
});
