import { forEachSeed } from '@trustline/testing';
import { test } from 'vitest';
import { fuzz } from '../fuzz/core.ts';
import { fuzz as fuzzSkinny, corpus as skinnyCorpus } from '../fuzz/skinny.ts';

test('no sequence of moves makes the manager throw, tell of clear media under require, or keep what is over', () => {
  forEachSeed(150, (random) => fuzz(random.bytes(random.below(400))));
});

test('no sequence of moves of Skinny phones does, or gives one a stream without a key or with an old one', () => {
  for (const game of skinnyCorpus().slice(0, 4)) fuzzSkinny(game);
  forEachSeed(12, (random) => fuzzSkinny(random.bytes(random.below(300))));
});
