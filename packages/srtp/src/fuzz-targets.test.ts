import fc from 'fast-check';
import { test } from 'vitest';
import * as operations from '../fuzz/operations.ts';
import * as unprotect from '../fuzz/unprotect.ts';

test.each([
  ['unprotect', unprotect],
  ['operations', operations],
] as const)('the fuzz target %s holds on its corpus and on random input', (_name, { corpus, fuzz }) => {
  for (const sample of corpus()) fuzz(sample);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => fuzz(data)));
});
