import fc from 'fast-check';
import { test } from 'vitest';
import { fuzz } from '../fuzz/unprotect.ts';

test('the fuzz target holds on random input', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => fuzz(data)));
});
