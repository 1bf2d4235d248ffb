import { forEachSeed } from '@trustline/testing';
import { test } from 'vitest';
import { fuzz } from '../../fuzz/tftp.ts';

test('no script of datagrams and waits makes either end throw, go on for ever or send too much', () => {
  forEachSeed(2_000, (random) => fuzz(random.bytes(random.below(400))));
});

test('nor one that begins as a request with options', () => {
  const request = [...Buffer.from('\0\u0001f\0octet\0blksize\x0016\0windowsize\x0064\0', 'latin1')];
  forEachSeed(2_000, (random) => fuzz(Uint8Array.from([...request, ...random.bytes(random.below(300))])));
});
