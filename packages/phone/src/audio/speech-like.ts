import type { Sound } from '@trustline/rtp';

/** Formants of five vowels in hertz (Peterson and Barney, 1952, men). */
const vowels = [
  [730, 1_090, 2_440],
  [270, 2_290, 3_010],
  [530, 1_840, 2_480],
  [570, 840, 2_410],
  [300, 870, 2_240],
] as const;

const RATE = 8_000;

/**
 * A sound with the rhythm, the pitch and the spectrum of speech that says nothing: voiced syllables of moving
 * pitch through three formants, hissed consonants, pauses. The same seed gives the same sound; sounds of
 * different seeds are uncorrelated, so that two ends of a call can be told apart.
 *
 * @param seconds length
 * @param seed any integer
 */
export function speechLike(seconds: number, seed: number): Sound {
  const random = generator(seed);
  const samples = new Float64Array(Math.round(seconds * RATE));
  let at = 0;
  while (at < samples.length) {
    const sort = random();
    if (sort < 0.12) at += Math.round(RATE * (0.08 + 0.17 * random()));
    else if (sort < 0.32) at = hiss(samples, at, random);
    else at = syllable(samples, at, random);
  }
  return { rate: RATE, samples: normalise(samples) };
}

function syllable(samples: Float64Array, start: number, random: () => number): number {
  const length = Math.round(RATE * (0.11 + 0.16 * random()));
  const formants = vowels[Math.floor(random() * vowels.length)] ?? vowels[0];
  const pitch = 95 + 60 * random();
  const glide = 0.8 + 0.5 * random();
  const filters = formants.map((frequency, index) => resonator(frequency * (0.95 + 0.1 * random()), 60 + 40 * index));
  let phase = random();
  for (let index = 0; index < length && start + index < samples.length; index += 1) {
    const progress = index / length;
    phase += (pitch * (1 + (glide - 1) * progress)) / RATE;
    let pulse = 0.02 * (random() - 0.5);
    if (phase >= 1) {
      phase -= 1;
      pulse += 1;
    }
    const loudness = Math.sin(Math.PI * progress) ** 0.7;
    let sum = 0;
    for (const [order, filter] of filters.entries()) sum += filter(pulse) / (1 + order);
    samples[start + index] = sum * loudness;
  }
  return start + length;
}

function hiss(samples: Float64Array, start: number, random: () => number): number {
  const length = Math.round(RATE * (0.03 + 0.07 * random()));
  const filter = resonator(2_200 + 1_200 * random(), 900);
  for (let index = 0; index < length && start + index < samples.length; index += 1) {
    samples[start + index] = 0.25 * filter(random() - 0.5) * Math.sin((Math.PI * index) / length);
  }
  return start + length;
}

/** A second-order resonance of a frequency and a bandwidth in hertz. */
function resonator(frequency: number, bandwidth: number): (input: number) => number {
  const radius = Math.exp((-Math.PI * bandwidth) / RATE);
  const first = 2 * radius * Math.cos((2 * Math.PI * frequency) / RATE);
  const second = -radius * radius;
  let previous = 0;
  let beforeThat = 0;
  return (input) => {
    const output = input + first * previous + second * beforeThat;
    beforeThat = previous;
    previous = output;
    return output;
  };
}

/** Peaks at half of full scale, about −20 dBm0 of speech. */
function normalise(samples: Float64Array): Int16Array {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const scale = peak === 0 ? 0 : 16_000 / peak;
  return Int16Array.from(samples, (sample) => Math.round(sample * scale));
}

/** mulberry32: small, and good enough for sound. Never for keys. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
