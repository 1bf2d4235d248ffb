/** Samples a second of every audio in this room: G.711's. */
export const SAMPLE_RATE = 8_000;

/** The peak of a sine of 0 dBm0 in 16-bit samples: G.711's loudest is 3.14 dB above it (G.711 table 5). */
const PEAK_OF_0_DBM0 = 22_400;

/** The peak of a sine of a level in dBm0. */
export function peakOf(level: number): number {
  return PEAK_OF_0_DBM0 * 10 ** (level / 20);
}

/** The mean square of a sine of a level in dBm0. */
export function powerOf(level: number): number {
  return peakOf(level) ** 2 / 2;
}

/** The sum of squares of samples. */
export function energyOf(samples: Int16Array): number {
  let energy = 0;
  for (let at = 0; at < samples.length; at += 1) energy += (samples[at] as number) ** 2;
  return energy;
}

/** How much of the energy of samples is at a frequency (Goertzel): for a sine of it, all but for what leaks. */
export function energyAt(samples: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE);
  let [previous, before] = [0, 0];
  for (let at = 0; at < samples.length; at += 1) {
    const next = (samples[at] as number) + coefficient * previous - before;
    before = previous;
    previous = next;
  }
  const power = previous * previous + before * before - coefficient * previous * before;
  return (2 * power) / samples.length;
}
