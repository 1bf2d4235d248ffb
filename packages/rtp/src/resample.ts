import type { Sound } from './wav.ts';

/** Zero crossings of the kernel on each side: enough for telephone speech. */
const KERNEL_CROSSINGS = 12;

/** Brings a sound to another rate by a windowed sinc (Hann), low-pass filtered when the rate goes down. */
export function resample(sound: Sound, rate: number): Sound {
  if (sound.rate === rate) return sound;
  const step = sound.rate / rate;
  const cutoff = Math.min(1, rate / sound.rate);
  const reach = KERNEL_CROSSINGS / cutoff;
  const samples = new Int16Array(Math.floor(sound.samples.length / step));
  for (let index = 0; index < samples.length; index += 1) {
    const centre = index * step;
    let sum = 0;
    let weights = 0;
    for (let at = Math.ceil(centre - reach); at <= Math.floor(centre + reach); at += 1) {
      const weight = kernel((at - centre) * cutoff);
      weights += weight;
      sum += weight * (sound.samples[at] ?? 0); // silence before and after
    }
    samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(weights === 0 ? 0 : sum / weights)));
  }
  return { rate, samples };
}

function kernel(x: number): number {
  if (Math.abs(x) >= KERNEL_CROSSINGS) return 0;
  const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / KERNEL_CROSSINGS);
  return x === 0 ? 1 : (window * Math.sin(Math.PI * x)) / (Math.PI * x);
}
