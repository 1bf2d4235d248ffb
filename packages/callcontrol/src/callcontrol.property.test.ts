import fc from 'fast-check';
import { test } from 'vitest';
import { fuzz } from '../fuzz/calls.ts';

test('whatever legs say, in whatever order: fails closed, answers each offer once, keeps levels true, leaves nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 400, size: 'max' }), (data) => fuzz(data)),
    { numRuns: 3000 },
  );
});
