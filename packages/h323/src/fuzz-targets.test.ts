import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpus as endpointCorpus, fuzz as fuzzEndpoint } from '../fuzz/endpoint.ts';
import { fuzz as fuzzMessages, corpus as messagesCorpus } from '../fuzz/messages.ts';
import { fuzz as fuzzStream, corpus as streamCorpus } from '../fuzz/stream.ts';
import { fuzz as fuzzValues, corpus as valuesCorpus } from '../fuzz/values.ts';

test.each([
  ['messages', messagesCorpus, fuzzMessages],
  ['values', valuesCorpus, fuzzValues],
  ['stream', streamCorpus, fuzzStream],
  ['endpoint', endpointCorpus, fuzzEndpoint],
] as const)('the fuzz target %s holds on its corpus and on random input', (_, corpus, fuzz) => {
  for (const data of corpus()) fuzz(data);
  expect(corpus().length).toBeGreaterThan(0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => fuzz(data)),
    { numRuns: 100 },
  );
});
