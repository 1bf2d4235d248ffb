import { forEachSeed } from '@trustline/testing';
import { afterAll, beforeAll, test } from 'vitest';
import { fuzz } from '../../fuzz/publication.ts';
import { type Cast, makeCast, makeCtl } from './trust.fixture.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
}, 60_000);
afterAll(() => cast.dispose());

test('no list that was changed anywhere may be published, nor octets that are none', async () => {
  const good = await makeCtl(cast);
  fuzz(good);
  forEachSeed(150, (random) => {
    const octets = good.slice(0, random.below(8) === 0 ? random.below(good.length) : good.length);
    for (let changes = 1 + random.below(3); changes > 0; changes -= 1)
      octets[random.below(octets.length)] = random.below(256);
    fuzz(octets);
    fuzz(random.bytes(random.below(400)));
  });
});
