import { fourierTransform } from '../../signal/fft.ts';
import type { Sound } from './sound.ts';

/** 32 ms at 8 kHz: harmonics of a voice stand apart, and syllables too. */
const WINDOW = 256;
/** A tone of 0.1 % of full scale: what is fainter is silence, and is not drawn as if it were loud. */
const FAINTEST_LOUD_POWER = ((32 * WINDOW) / 4) ** 2;
/** Strength that is drawn as nothing, in dB below the loudest. */
const FLOOR_DECIBELS = -70;

export interface Spectrogram {
  /** Stretches of time. */
  readonly columns: number;
  /** Bands of frequency, from 0 up to half the rate. */
  readonly bands: number;
  /** Column by column, lowest band first, 0 (nothing) to 1 (the loudest of the whole). */
  readonly strengths: Float32Array;
}

/** How strong which frequency is when: the short-time Fourier transform with a Hann window, in at most so many columns. */
export function spectrogramOf({ samples }: Sound, mostColumns: number): Spectrogram {
  const bands = WINDOW / 2;
  const columns = Math.max(1, Math.min(mostColumns, Math.floor(samples.length / (WINDOW / 2))));
  const step = Math.max(0, samples.length - WINDOW) / Math.max(1, columns - 1);
  const powers = new Float32Array(columns * bands);
  const [real, imaginary] = [new Float64Array(WINDOW), new Float64Array(WINDOW)];
  let loudest = FAINTEST_LOUD_POWER;
  for (let column = 0; column < columns; column++) {
    const start = Math.floor(column * step);
    imaginary.fill(0);
    for (let i = 0; i < WINDOW; i++) {
      real[i] = (samples[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));
    }
    fourierTransform(real, imaginary);
    for (let band = 0; band < bands; band++) {
      const power = (real[band] as number) ** 2 + (imaginary[band] as number) ** 2;
      powers[column * bands + band] = power;
      if (power > loudest) loudest = power;
    }
  }
  const strengths = powers.map((power) =>
    Math.max(0, 1 - (10 * Math.log10(Math.max(power, 1e-12) / loudest)) / FLOOR_DECIBELS),
  );
  return { columns, bands, strengths };
}
