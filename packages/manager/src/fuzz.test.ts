import { forEachSeed } from '@trustline/testing';
import { test } from 'vitest';
import { fuzz } from '../fuzz/core.ts';

test('no sequence of moves makes the manager throw, tell of clear media under require, or keep what is over', () => {
  forEachSeed(150, (random) => fuzz(random.bytes(random.below(400))));
});
