/** Tones and what is left of them, for the tests of codecs. */

/** So many samples of a tone. */
export function sineOf(hertz: number, rate: number, count: number, amplitude = 10_000): Int16Array {
  return Int16Array.from({ length: count }, (_, at) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hertz * at) / rate)),
  );
}

/** How far what was not said lies under what was, in decibels, once `delay` samples have gone by. */
export function signalToNoise(said: Int16Array, heard: Int16Array, delay: number): number {
  let [signal, noise] = [0, 0];
  const settled = 200;
  for (let at = settled; at + delay < Math.min(heard.length, said.length); at++) {
    const sample = said[at] as number;
    signal += sample * sample;
    noise += (sample - (heard[at + delay] as number)) ** 2;
  }
  return 10 * Math.log10(signal / Math.max(noise, 1));
}

/** The amplitude of a tone in samples, whatever else is in them; exact where these are whole periods of it. */
export function amplitudeOf(samples: Int16Array, hertz: number, rate: number): number {
  let [real, imaginary] = [0, 0];
  for (const [at, sample] of samples.entries()) {
    const angle = (2 * Math.PI * hertz * at) / rate;
    real += sample * Math.cos(angle);
    imaginary += sample * Math.sin(angle);
  }
  return (2 * Math.hypot(real, imaginary)) / samples.length;
}
