import { decodeALaw, decodeMuLaw } from '@trustline/rtp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockMeasure, companding, crossingsOf, expand } from './companding.ts';

describe.each([
  { name: 'mu-law', decode: decodeMuLaw, inversion: 0xff },
  { name: 'A-law', decode: decodeALaw, inversion: 0xd5 },
])('octets by $name', ({ decode, inversion }) => {
  const law = companding(decode, inversion);

  test('measure as the samples do that they stand for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 170 }), fc.nat(8), (octets, skipped) => {
        const from = Math.min(skipped, octets.length - 1);
        const samples = new Int16Array(octets.length);
        decode(octets, samples);
        const looked = samples.subarray(from);
        const measure = new BlockMeasure();
        measure.read(law, octets, from, octets.length);
        expect(measure.energy).toBe(looked.reduce((sum, sample) => sum + sample * sample, 0));
        expect(measure.peak).toBe(Math.max(...looked.filter((_, at) => at % 2 === 0).map(Math.abs)));
        const expanded = new Int16Array(octets.length + 3);
        expand(law, octets, from, octets.length, expanded, from + 3);
        expect(expanded.subarray(from + 3)).toEqual(looked);
      }),
    );
  });
});

test('crossings are changes of the sign, which is bit 7 of an octet', () => {
  expect(crossingsOf(Uint8Array.of(0x80, 0xff, 0x00, 0x7f, 0x81, 0x01), 0, 6)).toBe(3);
  expect(crossingsOf(Uint8Array.of(0x80, 0xff, 0x00, 0x7f, 0x81, 0x01), 2, 4)).toBe(0);
});
