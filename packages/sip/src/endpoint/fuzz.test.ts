import { forEachSeed } from '@trustline/testing';
import { test } from 'vitest';
import { fuzz } from '../../fuzz/endpoint.ts';

test('no sequence of moves makes an endpoint throw, outgrow its limits or keep what is over', () => {
  forEachSeed(300, (random) => fuzz(random.bytes(random.below(600))));
});
