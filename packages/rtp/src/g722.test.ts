import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { G722Decoder, G722Encoder } from './g722.ts';
import { signalToNoise, sineOf } from './signals.fixture.ts';

const RATE = 16_000;
/** Both filters together: a sample comes out so much later. */
const DELAY = 22;

function sha256(samples: Int16Array | Uint8Array): string {
  return createHash('sha256')
    .update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength))
    .digest('hex');
}

describe('G.722', () => {
  test('ITU-T G.722 clause 1.4: voice up to 7 kHz comes through', () => {
    for (const [hertz, least] of [
      [300, 25],
      [1_000, 30],
      [3_000, 25],
      [5_000, 15],
      [6_500, 12],
    ] as const) {
      const samples = sineOf(hertz, RATE, RATE);
      const heard = new G722Decoder().decode(new G722Encoder().encode(samples));
      expect(signalToNoise(samples, heard, DELAY), `${hertz} Hz`).toBeGreaterThan(least);
    }
  });

  test('a sweep of tones is coded and decoded as ffmpeg does it, octet for octet', () => {
    const sweep = Int16Array.from({ length: RATE }, (_, at) =>
      Math.round(12_000 * Math.sin((2 * Math.PI * ((at / RATE) * 3_500) * at) / RATE)),
    );
    const octets = new G722Encoder().encode(sweep);
    // What ffmpeg 5.1 makes of the same, as `g722.system.test.ts` asks it where it is installed.
    expect(sha256(octets)).toBe('2c1ea28e17ece89d0516959b7ea9a703f6abe254c8c3732d1657774b6d81dfe0');
    expect(sha256(new G722Decoder().decode(octets))).toBe(
      'ca23592c5a1e6a1c37c6bd2a64e3240655f9af081ed4fdbe40f15ccf19eae560',
    );
  });

  test('in pieces or as a whole, the octets are the same: the state is all in the coder', () => {
    const samples = sineOf(700, RATE, 1_600);
    const whole = new G722Encoder().encode(samples);
    const [encoder, decoder] = [new G722Encoder(), new G722Decoder()];
    const pieces = Array.from({ length: 5 }, (_, at) => encoder.encode(samples.subarray(320 * at, 320 * (at + 1))));
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...whole]);
    const heard = pieces.flatMap((piece) => [...decoder.decode(piece)]);
    expect(heard).toEqual([...new G722Decoder().decode(whole)]);
  });

  test('a decoder that missed the beginning finds its way within a fifth of a second', () => {
    const samples = sineOf(1_000, RATE, RATE);
    const octets = new G722Encoder().encode(samples);
    const heard = new G722Decoder().decode(octets.subarray(4_000));
    expect(signalToNoise(samples.subarray(8_000 + 3_200), heard.subarray(3_200), DELAY)).toBeGreaterThan(25);
  });

  test('any octets are voice: nothing is refused, and an encoder takes any samples', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        expect(new G722Decoder().decode(octets)).toHaveLength(octets.length * 2);
      }),
    );
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 400 }), (samples) => {
        expect(new G722Encoder().encode(samples)).toHaveLength(samples.length >> 1);
      }),
    );
  });
});
