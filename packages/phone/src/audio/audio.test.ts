import { TrustlineError } from '@trustline/base';
import { parseWav, resample, serializeWav, wavHeader } from '@trustline/rtp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { speechLike } from './speech-like.ts';

function tone(frequency: number, rate: number, seconds: number): Int16Array {
  return Int16Array.from(
    { length: rate * seconds },
    (_, at) => 10_000 * Math.sin((2 * Math.PI * frequency * at) / rate),
  );
}

function amplitude(samples: Int16Array, frequency: number, rate: number): number {
  let real = 0;
  let imaginary = 0;
  for (const [at, sample] of samples.entries()) {
    real += sample * Math.cos((2 * Math.PI * frequency * at) / rate);
    imaginary += sample * Math.sin((2 * Math.PI * frequency * at) / rate);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}

describe('WAV files', () => {
  test('what is written is read', () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 500 }), fc.integer({ min: 1_000, max: 384_000 }), (samples, rate) => {
        expect(parseWav(serializeWav({ rate, samples }))).toEqual({ rate, samples: Int16Array.from(samples) });
      }),
    );
  });

  test('any bytes give a sound or the typed error', () => {
    const whole = serializeWav({ rate: 8_000, samples: new Int16Array(20) });
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(43), fc.nat(255), (length, at, value) => {
        const bytes = whole.slice(0, length);
        if (at < bytes.length) bytes[at] = value;
        try {
          parseWav(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TrustlineError);
        }
      }),
    );
  });

  test('a recording whose recorder was killed is read to its end, and two channels become one', () => {
    const samples = Int16Array.of(100, 300, -50, -150);
    const bytes = serializeWav({ rate: 8_000, samples });
    bytes.set(wavHeader(8_000, 0));
    expect(parseWav(bytes).samples).toEqual(samples);
    new DataView(bytes.buffer).setUint16(22, 2, true);
    expect(parseWav(bytes).samples).toEqual(Int16Array.of(200, -100));
  });
});

describe('resampling', () => {
  test.each([
    [16_000, 8_000],
    [44_100, 8_000],
    [8_000, 48_000],
  ])('from %i Hz to %i Hz keeps a tone and its level', (from, to) => {
    const { samples, rate } = resample({ rate: from, samples: tone(1_000, from, 1) }, to);
    expect(rate).toBe(to);
    expect(samples.length).toBe(to);
    expect(amplitude(samples, 1_000, to)).toBeGreaterThan(9_700);
    expect(amplitude(samples, 1_000, to)).toBeLessThan(10_300);
  });

  test('what the lower rate cannot carry is filtered out, not folded back', () => {
    const { samples } = resample({ rate: 48_000, samples: tone(7_000, 48_000, 1) }, 8_000);
    expect(amplitude(samples, 1_000, 8_000)).toBeLessThan(100);
  });
});

describe('speech-like sound', () => {
  test('lasts as long as asked, is the same for a seed, and is loud but never clipped', () => {
    const sound = speechLike(3, 7);
    expect(sound.samples.length).toBe(24_000);
    expect(speechLike(3, 7).samples).toEqual(sound.samples);
    const power = sound.samples.reduce((sum, sample) => sum + sample * sample, 0) / sound.samples.length;
    expect(Math.sqrt(power)).toBeGreaterThan(800);
    expect(Math.max(...sound.samples.map(Math.abs))).toBeLessThan(20_000);
  });

  test('two seeds are uncorrelated at any lag within a second', () => {
    const one = speechLike(5, 1).samples;
    const other = speechLike(5, 2).samples;
    const energy = (samples: Int16Array) => samples.reduce((sum, sample) => sum + sample * sample, 0);
    let highest = 0;
    for (let lag = -8_000; lag <= 8_000; lag += 37) {
      let sum = 0;
      for (let at = Math.max(0, -lag); at < one.length && at + lag < other.length; at += 1) {
        sum += (one[at] ?? 0) * (other[at + lag] ?? 0);
      }
      highest = Math.max(highest, Math.abs(sum) / Math.sqrt(energy(one) * energy(other)));
    }
    expect(highest).toBeLessThan(0.2);
  });
});
