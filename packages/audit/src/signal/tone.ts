/** What {@link toneLevel} says of a tone with nothing beside it, and, negated, of silence. */
export const MAXIMUM_TONE_LEVEL = 100;

/**
 * How far a tone stands above everything else in the samples, in dB, between plus and minus
 * {@link MAXIMUM_TONE_LEVEL}. The tone is fitted by least squares, so any number of samples will do; a tenth of a
 * second keeps a clock that is a little off from counting as something else.
 */
export function toneLevel(samples: ArrayLike<number>, sampleRate: number, frequency: number): number {
  const step = (2 * Math.PI * frequency) / sampleRate;
  let [total, inPhase, quadrature, cosCos, sinSin, cosSin] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    const [cos, sin] = [Math.cos(step * i), Math.sin(step * i)];
    total += sample * sample;
    inPhase += sample * cos;
    quadrature += sample * sin;
    cosCos += cos * cos;
    sinSin += sin * sin;
    cosSin += cos * sin;
  }
  const determinant = cosCos * sinSin - cosSin * cosSin;
  if (total === 0 || determinant <= 1e-9 * samples.length ** 2) return -MAXIMUM_TONE_LEVEL;
  const a = (inPhase * sinSin - quadrature * cosSin) / determinant;
  const b = (quadrature * cosCos - inPhase * cosSin) / determinant;
  const tone = Math.max(0, a * inPhase + b * quadrature);
  const rest = Math.max(0, total - tone);
  const level = 10 * Math.log10(tone / rest);
  return Math.min(MAXIMUM_TONE_LEVEL, Math.max(-MAXIMUM_TONE_LEVEL, level));
}
