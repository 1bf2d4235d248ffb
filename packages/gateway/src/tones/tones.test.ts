import { describe, expect, test } from 'vitest';
import { CallProgressDetector } from './call-progress-detector.ts';
import { callProgressTone, callProgressTones, toneCountries } from './call-progress-tones.ts';
import { DtmfDetector, dtmfTones } from './dtmf.ts';
import { energyOf } from './goertzel.ts';
import { type Tone, ToneGenerator } from './tone-generator.ts';

const rate = 8_000;

function sound(source: ToneGenerator | Tone, seconds: number): Int16Array {
  const samples = new Int16Array(seconds * rate);
  (source instanceof ToneGenerator ? source : new ToneGenerator(source)).fill(samples);
  return samples;
}

/** What a detector says of samples that come in blocks of 20 ms. */
function hear(detector: { push(samples: Int16Array): string | undefined }, samples: Int16Array): string[] {
  const heard: string[] = [];
  for (let at = 0; at < samples.length; at += 160) {
    const one = detector.push(samples.subarray(at, at + 160));
    if (one !== undefined && one !== '') heard.push(one);
  }
  return heard;
}

/** Repeatable noise of a peak. */
function noise(length: number, peak: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.round(((state >>> 8) / 0x80_0000 - 1) * peak);
  });
}

function mix(one: Int16Array, other: Int16Array): Int16Array {
  return one.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + (other[i] ?? 0))));
}

describe.each(toneCountries)('tones of %s (E.180 supplement 2)', (country) => {
  test.each(callProgressTones)('%s is heard as that, and as nothing else', (tone) => {
    expect(hear(new CallProgressDetector(country), sound(callProgressTone(country, tone), 12))).toEqual([tone]);
  });

  test.each(callProgressTones)('%s is heard from the middle on, through noise, at half of its level', (tone) => {
    const whole = sound(callProgressTone(country, tone), 24).map((sample) => sample >> 1);
    const noisy = mix(whole, noise(whole.length, 120)).subarray(0.13 * rate);
    const heard = hear(new CallProgressDetector(country), noisy);
    expect(heard.at(-1)).toBe(tone);
  });

  test('noise is none', () => {
    expect(hear(new CallProgressDetector(country), noise(10 * rate, 8_000))).toEqual([]);
  });
});

test('a tone that ends and begins again is told again after a while of silence', () => {
  const busy = sound(callProgressTone('DE', 'busy'), 4);
  const samples = new Int16Array(12 * rate);
  samples.set(busy);
  samples.set(busy, 8 * rate);
  expect(hear(new CallProgressDetector('DE'), samples)).toEqual(['busy', 'busy']);
});

test('a tone without repetition ends, and is silence then', () => {
  const once = new ToneGenerator({ sections: [{ frequencies: [440], milliseconds: 100 }], repeats: false });
  const samples = sound(once, 1);
  expect(once.finished).toBe(true);
  expect(energyOf(samples.subarray(0, 800))).toBeGreaterThan(0);
  expect(energyOf(samples.subarray(800))).toBe(0);
});

describe('DTMF (Q.23, Q.24)', () => {
  const keys = '0123456789*#ABCD';

  test('every key is heard once, in its order', () => {
    expect(hear(new DtmfDetector(), sound(dtmfTones(keys), 4)).join('')).toBe(keys);
  });

  test('a key of 40 ms with a gap of 40 is heard, one of 20 is not', () => {
    expect(hear(new DtmfDetector(), sound(dtmfTones('1551', 45, 45), 1)).join('')).toBe('1551');
    expect(hear(new DtmfDetector(), sound(dtmfTones('1551', 20, 60), 1))).toEqual([]);
  });

  test('call-progress tones and noise are no keys', () => {
    for (const country of toneCountries) {
      for (const tone of callProgressTones) {
        expect(hear(new DtmfDetector(), sound(callProgressTone(country, tone), 3))).toEqual([]);
      }
    }
    expect(hear(new DtmfDetector(), noise(10 * rate, 12_000))).toEqual([]);
  });

  test('keys are heard through noise 15 dB below them', () => {
    const samples = sound(dtmfTones(keys), 4);
    expect(hear(new DtmfDetector(), mix(samples, noise(samples.length, 1_500))).join('')).toBe(keys);
  });
});
