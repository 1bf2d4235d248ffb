import { forEachSeed } from '@trustline/testing';
import { test } from 'vitest';
import { fuzz } from '../../fuzz/subscription.ts';

test('no sequence of moves makes a subscriber or a notifier throw, speak after the end or without one', () => {
  forEachSeed(300, (random) => fuzz(random.bytes(random.below(200))));
});
