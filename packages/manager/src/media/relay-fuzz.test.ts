import { forEachSeed } from '@trustline/testing';
import { test } from 'vitest';
import { fuzz } from '../../fuzz/relay.ts';

test('whatever comes, and however sides change: what does not authenticate goes nowhere, and nothing is thrown', () => {
  forEachSeed(60, (random) => fuzz(random.bytes(random.below(1_500))));
});
