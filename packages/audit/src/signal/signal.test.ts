import { describe, expect, test } from 'vitest';
import { correlateAtBestLag } from './correlate.ts';
import { detectDtmfTones } from './dtmf-tones.ts';
import { noise, speechLike } from './signals.fixture.ts';
import { MAXIMUM_TONE_LEVEL, toneLevel } from './tone.ts';

const RATE = 8000;
/** Of speech and of noise; each second of them is compared at 32,000 lags. */
const seeds = process.env['TRUSTLINE_FULL'] === '1' ? 40 : 10;
const lags = { maximumLagSamples: 2 * RATE };

describe('correlation at the best lag', () => {
  test.each([0, 1, 160, 7919, 16_000, -1, -4000])(
    'finds a copy %i samples late, softer, upside down, with noise',
    (lag) => {
      const speech = speechLike(1, 6 * RATE);
      const hiss = noise(2, speech.length + 20_000);
      const heard = Float64Array.from(
        { length: speech.length + 18_000 },
        (_, i) => -0.3 * (speech[i - lag] ?? 0) + 0.0005 * (hiss[i] ?? 0),
      );
      const { correlation, lagSamples } = correlateAtBestLag(speech, heard, lags);
      expect(lagSamples).toBe(lag);
      expect(correlation).toBeLessThan(-0.95);
    },
  );

  test('is one for the same, whatever its offset, and near one for a part that was cut out', () => {
    const speech = speechLike(3, 5 * RATE);
    expect(correlateAtBestLag(speech, speech, lags)).toMatchObject({ lagSamples: 0, overlapSamples: speech.length });
    const part = speech.subarray(9000, 25_000).map((sample) => sample + 500);
    const { correlation, lagSamples } = correlateAtBestLag(speech, part, lags);
    expect(lagSamples).toBe(-9000);
    expect(correlation).toBeGreaterThan(0.99);
  });

  test(`of speech with noise stays within chance, for ${seeds} seeds and five seconds`, () => {
    const found = Array.from({ length: seeds }, (_, seed) => {
      const speech = speechLike(seed, 5 * RATE);
      return Math.abs(correlateAtBestLag(speech, noise(seed + 1000, 5 * RATE), lags).correlation);
    });
    expect(Math.max(...found)).toBeLessThan(0.05);
    // The greatest of 32,000 lags is never nothing: a check that cannot fail would say zero.
    expect(Math.min(...found)).toBeGreaterThan(0.01);
  });

  test('grows with how much is heard, and a tenth of it is told from chance', () => {
    const speech = speechLike(5, 8 * RATE);
    const cover = noise(6, speech.length);
    const found = [0.1, 0.5, 0.9].map((part) => {
      const heard = speech.map((sample, i) => (i < part * speech.length ? sample : (cover[i] ?? 0)));
      return correlateAtBestLag(speech, heard, lags).correlation;
    });
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(found[0]).toBeGreaterThan(0.05);
  });

  test('of silence, of nothing and of a constant is zero', () => {
    const speech = speechLike(7, RATE);
    for (const silent of [new Int16Array(RATE), new Int16Array(0), new Int16Array(RATE).fill(900)]) {
      expect(correlateAtBestLag(speech, silent, lags).correlation).toBe(0);
      expect(correlateAtBestLag(silent, speech, lags).correlation).toBe(0);
    }
  });

  test('finds the lag of a call longer than the search takes in', () => {
    const speech = speechLike(8, 90 * RATE);
    const heard = new Int16Array(speech.length + 5000);
    heard.set(speech, 5000);
    expect(correlateAtBestLag(speech, heard, lags)).toMatchObject({ lagSamples: 5000, overlapSamples: speech.length });
  });
});

describe('a tone', () => {
  const tone = (frequency: number, amplitude: number, length: number) =>
    Float64Array.from({ length }, (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / RATE + 1));

  test('alone stands as high as can be said, for any number of samples', () => {
    for (const length of [80, 333, 800, 8000]) {
      expect(toneLevel(tone(440, 1000, length), RATE, 440)).toBeGreaterThan(90);
      expect(toneLevel(tone(440, 1000, length), RATE, 1000)).toBeLessThan(0);
    }
  });

  test('beside another is as many dB above it as it was mixed', () => {
    const [loud, soft] = [tone(440, 1000, 8000), tone(1330, 100, 8000)];
    const both = loud.map((sample, i) => sample + (soft[i] ?? 0));
    expect(toneLevel(both, RATE, 440)).toBeCloseTo(20, 1);
    expect(toneLevel(both, RATE, 1330)).toBeCloseTo(-20, 1);
  });

  test('is not in silence, noise or nothing', () => {
    expect(toneLevel(new Int16Array(800), RATE, 440)).toBe(-MAXIMUM_TONE_LEVEL);
    expect(toneLevel([], RATE, 440)).toBe(-MAXIMUM_TONE_LEVEL);
    expect(toneLevel(noise(1, 8000), RATE, 440)).toBeLessThan(-15);
  });
});

describe('DTMF tones in the audio', () => {
  const digits = '1234567890*#ABCD';
  const rows = [697, 770, 852, 941];
  const columns = [1209, 1336, 1477, 1633];
  const keypad = '123A456B789C*0#D';

  function dial(text: string, { seconds = 0.08, pause = 0.08, amplitude = 6000, detune = 1 } = {}): Int16Array {
    const samples: number[] = [];
    for (const digit of text) {
      const key = keypad.indexOf(digit);
      const [row, column] = [rows[key >> 2] ?? 0, columns[key & 3] ?? 0];
      for (let i = 0; i < seconds * RATE; i++) {
        const time = (2 * Math.PI * i * detune) / RATE;
        samples.push(amplitude * (Math.sin(row * time) + 0.8 * Math.sin(column * time)));
      }
      for (let i = 0; i < pause * RATE; i++) samples.push(0);
    }
    return Int16Array.from(samples);
  }
  const heard = (samples: Int16Array) =>
    detectDtmfTones(samples, RATE)
      .map((tone) => tone.digit)
      .join('');

  test('all sixteen are heard, once each, loud and soft, and as short as 40 ms (Q.24)', () => {
    for (const amplitude of [300, 3000, 15_000]) expect(heard(dial(digits, { amplitude }))).toBe(digits);
    expect(heard(dial(digits, { seconds: 0.05, pause: 0.04 }))).toBe(digits);
    expect(heard(dial(digits, { seconds: 0.04 }))).toBe(digits);
    expect(heard(dial('5551', { detune: 1.005 }))).toBe('5551');
  });

  test('a tone is one digit however long, and says where it was', () => {
    const [tone, ...others] = detectDtmfTones(
      Int16Array.of(...new Int16Array(800), ...dial('7', { seconds: 1 })),
      RATE,
    );
    expect(others).toEqual([]);
    expect(tone?.digit).toBe('7');
    expect(Math.abs((tone?.fromSample ?? 0) - 800)).toBeLessThan(205);
    expect(Math.abs((tone?.toSample ?? 0) - 8800)).toBeLessThan(205);
  });

  test('are still heard under a little noise', () => {
    const samples = dial(digits);
    const hiss = noise(9, samples.length);
    expect(heard(samples.map((sample, i) => sample + 0.05 * (hiss[i] ?? 0)))).toBe(digits);
  });

  test('none in silence, noise, single tones, detuned pairs, bursts of 20 ms, or minutes of speech', () => {
    expect(heard(new Int16Array(8000))).toBe('');
    expect(heard(noise(3, 60 * RATE))).toBe('');
    expect(heard(Int16Array.from({ length: 8000 }, (_, i) => 9000 * Math.sin((2 * Math.PI * 770 * i) / RATE)))).toBe(
      '',
    );
    expect(heard(dial(digits, { detune: 1.05 }))).toBe('');
    expect(heard(dial(digits, { seconds: 0.02 }))).toBe('');
    for (let seed = 0; seed < 4; seed++) expect(heard(speechLike(seed, 60 * RATE))).toBe('');
  });
});
