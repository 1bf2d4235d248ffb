import { fourierTransform } from './fft.ts';

/**
 * The lag is sought with at most so many samples of the reference (over a minute at 8 kHz), those with the most
 * energy; at the lag that was found everything is compared. It bounds memory whatever the length of a call.
 */
const MAXIMUM_SEARCHED_SAMPLES = 524_288;

/** A lag counts only if at least this part of the shorter signal overlaps: short overlaps correlate by chance. */
const MINIMUM_OVERLAP = 0.5;
/** ... and only if the overlap holds at least this part of the energy: silence correlates with nothing. */
const MINIMUM_ENERGY = 0.01;

/** Levels are evened out over so many samples: 20 ms at 8 kHz, so that a single packet in the clear is not lost. */
const LEVELLING_SAMPLES = 160;
/** What is softer than this stays softer: -60 dBFS, above the noise that G.711 makes of silence. */
const LEVELLING_FLOOR = 32;

export interface Correlation {
  /**
   * Between -1 and 1: 1 when one is a louder or softer copy of the other, about 0 when they have nothing in common.
   * Zero when either is silent.
   */
  readonly correlation: number;
  /** How many samples later than in the reference it is heard; negative for earlier. */
  readonly lagSamples: number;
  /** Samples that were compared at that lag. */
  readonly overlapSamples: number;
}

/**
 * How much of a reference is in what was heard, as 16-bit samples: the normalised cross-correlation at the lag where
 * its magnitude is greatest. It is normalised over the overlap of each lag, so that a signal that is cut short is
 * not thereby unlike. And both are first brought to an even level: a cipher's output, decoded, is far louder than
 * speech, and without that it would drown a second of speech that went out in the clear.
 *
 * For signals that have nothing in common, chance gives about 4 / sqrt(samples): 0.02 for five seconds at 8 kHz.
 */
export function correlateAtBestLag(
  reference: ArrayLike<number>,
  heard: ArrayLike<number>,
  { maximumLagSamples }: { readonly maximumLagSamples: number },
): Correlation {
  const x = levelled(withoutMean(reference));
  const y = levelled(withoutMean(heard));
  const lagSamples = bestLag(x, y, maximumLagSamples);
  if (lagSamples === undefined) return { correlation: 0, lagSamples: 0, overlapSamples: 0 };
  const from = Math.max(0, -lagSamples);
  const to = Math.min(x.length, y.length - lagSamples);
  let [product, xEnergy, yEnergy] = [0, 0, 0];
  for (let i = from; i < to; i++) {
    const [a, b] = [x[i] as number, y[i + lagSamples] as number];
    product += a * b;
    xEnergy += a * a;
    yEnergy += b * b;
  }
  const correlation = xEnergy === 0 || yEnergy === 0 ? 0 : product / Math.sqrt(xEnergy * yEnergy);
  return { correlation, lagSamples, overlapSamples: to - from };
}

function bestLag(x: Float64Array, y: Float64Array, maximumLag: number): number | undefined {
  const from = loudestStart(x, MAXIMUM_SEARCHED_SAMPLES);
  const window = x.subarray(from, from + MAXIMUM_SEARCHED_SAMPLES);
  // The part of `y` that lies under the window at any lag.
  const yFrom = Math.max(0, from - maximumLag);
  const yWindow = y.subarray(yFrom, Math.max(yFrom, from + window.length + maximumLag));
  const products = crossProducts(window, yWindow);
  const xEnergies = runningEnergy(window);
  const yEnergies = runningEnergy(yWindow);
  const [xTotal, yTotal] = [xEnergies.at(-1) ?? 0, yEnergies.at(-1) ?? 0];
  const minimumOverlap = MINIMUM_OVERLAP * Math.min(window.length, yWindow.length);
  let best: number | undefined;
  let greatest = 0;
  for (let lag = -maximumLag; lag <= maximumLag; lag++) {
    const shift = lag + from - yFrom; // of the window within yWindow
    const [first, last] = [Math.max(0, -shift), Math.min(window.length, yWindow.length - shift)];
    if (last - first < minimumOverlap || last <= first) continue;
    const xEnergy = (xEnergies[last] as number) - (xEnergies[first] as number);
    const yEnergy = (yEnergies[last + shift] as number) - (yEnergies[first + shift] as number);
    if (xEnergy <= MINIMUM_ENERGY * xTotal || yEnergy <= MINIMUM_ENERGY * yTotal) continue;
    const product = products[shift < 0 ? products.length + shift : shift] as number;
    const magnitude = Math.abs(product) / Math.sqrt(xEnergy * yEnergy);
    if (magnitude > greatest) [greatest, best] = [magnitude, lag];
  }
  return best;
}

/** For each shift s the sum over i of x[i] y[i + s]; negative shifts stand at the end. */
function crossProducts(x: Float64Array, y: Float64Array): Float64Array {
  let length = 2;
  while (length < x.length + y.length) length *= 2;
  // Two real signals in one transform: x as the real part, y as the imaginary one.
  const [re, im] = [new Float64Array(length), new Float64Array(length)];
  re.set(x);
  im.set(y);
  fourierTransform(re, im);
  const [productRe, productIm] = [new Float64Array(length), new Float64Array(length)];
  for (let k = 0; k < length; k++) {
    const mirror = (length - k) % length;
    const [a, b, c, d] = [re[k] as number, im[k] as number, re[mirror] as number, im[mirror] as number];
    const [xRe, xIm] = [(a + c) / 2, (b - d) / 2];
    const [yRe, yIm] = [(b + d) / 2, (c - a) / 2];
    // conj(X) Y, conjugated once more so that the forward transform inverts it.
    productRe[k] = xRe * yRe + xIm * yIm;
    productIm[k] = -(xRe * yIm - xIm * yRe);
  }
  fourierTransform(productRe, productIm);
  for (let k = 0; k < length; k++) productRe[k] = (productRe[k] as number) / length;
  return productRe;
}

/** Where the stretch of so many samples with the most energy begins, to within a sixteenth of it. */
function loudestStart(samples: Float64Array, length: number): number {
  if (samples.length <= length) return 0;
  const energies = runningEnergy(samples);
  let [best, greatest] = [0, -1];
  for (let start = 0; start + length <= samples.length; start += length / 16) {
    const energy = (energies[start + length] as number) - (energies[start] as number);
    if (energy > greatest) [best, greatest] = [start, energy];
  }
  return best;
}

/** At i the energy of all samples before i. */
function runningEnergy(samples: Float64Array): Float64Array {
  const energies = new Float64Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) energies[i + 1] = (energies[i] as number) + (samples[i] as number) ** 2;
  return energies;
}

/** The samples, each divided by the level around it. */
function levelled(samples: Float64Array): Float64Array {
  const energies = runningEnergy(samples);
  return samples.map((sample, i) => {
    const from = Math.max(0, i - LEVELLING_SAMPLES / 2);
    const to = Math.min(samples.length, i + LEVELLING_SAMPLES / 2);
    const meanSquare = ((energies[to] as number) - (energies[from] as number)) / (to - from);
    return sample / Math.sqrt(meanSquare + LEVELLING_FLOOR ** 2);
  });
}

/** A constant offset, as some encoders leave, is no likeness. */
function withoutMean(samples: ArrayLike<number>): Float64Array {
  const copy = Float64Array.from(samples);
  let sum = 0;
  for (const sample of copy) sum += sample;
  const mean = copy.length === 0 ? 0 : sum / copy.length;
  for (let i = 0; i < copy.length; i++) copy[i] = (copy[i] as number) - mean;
  return copy;
}
