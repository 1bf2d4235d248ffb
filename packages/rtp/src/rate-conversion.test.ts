import { describe, expect, test } from 'vitest';
import { RateDoubling, RateHalving } from './rate-conversion.ts';
import { amplitudeOf, sineOf } from './signals.fixture.ts';

const decibels = (amplitude: number) => 20 * Math.log10(Math.max(amplitude, 1) / 10_000);

describe('conversion of sampling rates', () => {
  test.each([300, 1_000, 3_000, 3_400])('a tone of %i Hz is as loud after it, both ways', (hertz) => {
    const halved = new RateHalving().process(sineOf(hertz, 16_000, 16_800)).subarray(400);
    expect(Math.abs(decibels(amplitudeOf(halved.subarray(0, 8_000), hertz, 8_000)))).toBeLessThan(0.05);
    const doubled = new RateDoubling().process(sineOf(hertz, 8_000, 8_400)).subarray(800);
    expect(Math.abs(decibels(amplitudeOf(doubled, hertz, 16_000)))).toBeLessThan(0.05);
    expect(decibels(amplitudeOf(doubled, 8_000 - hertz, 16_000)), 'its image').toBeLessThan(-55);
  });

  test.each([4_600, 5_000, 6_000, 7_000])('%i Hz is no voice of a telephone: nothing of it is folded down', (hertz) => {
    const halved = new RateHalving().process(sineOf(hertz, 16_000, 16_800)).subarray(400);
    expect(decibels(amplitudeOf(halved.subarray(0, 8_000), 8_000 - hertz, 8_000))).toBeLessThan(-55);
  });

  test('in pieces or as a whole, the samples are the same', () => {
    const samples = sineOf(900, 16_000, 960);
    const [halving, doubling] = [new RateHalving(), new RateDoubling()];
    const pieces = [0, 1, 2].map((at) => samples.subarray(320 * at, 320 * (at + 1)));
    expect(pieces.flatMap((piece) => [...halving.process(piece)])).toEqual([...new RateHalving().process(samples)]);
    expect(pieces.flatMap((piece) => [...doubling.process(piece)])).toEqual([...new RateDoubling().process(samples)]);
  });

  test('full scale stays within it', () => {
    const square = Int16Array.from({ length: 1_600 }, (_, at) => (at % 40 < 20 ? 32_767 : -32_768));
    for (const sample of new RateHalving().process(square)) expect(Math.abs(sample)).toBeLessThanOrEqual(32_768);
  });
});
