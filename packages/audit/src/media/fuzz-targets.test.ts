import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus, fuzz } from '../../fuzz/media.ts';

test('the fuzz target media holds for any datagrams, and for those of calls with octets changed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (octets) => fuzz(octets)),
    { numRuns: 60 },
  );
  const calls = corpus();
  const change = fc.record({
    call: fc.nat({ max: calls.length - 1 }),
    at: fc.nat({ max: 3_000 }),
    octet: fc.nat({ max: 255 }),
  });
  fc.assert(
    fc.property(change, ({ call, at, octet }) => {
      const octets = calls[call]?.slice() ?? new Uint8Array(0);
      octets[at % octets.byteLength] = octet;
      fuzz(octets);
    }),
    { numRuns: 60 },
  );
  expect(calls).toHaveLength(3);
});
