/**
 * G.722 at 64 kbit/s (ITU-T G.722, mode 1): two sub-bands of 8,000 samples a second, each by adaptive differential pulse code,
 * six bits of an octet for the lower and two for the upper. Samples are 16,000 a second; the clock of its RTP timestamps is
 * 8,000 all the same (RFC 3551 §4.5.2). The names of the steps are those of the blocks of the Recommendation (clause 6.2).
 */

/** The filter that parts the bands and joins them again, half of it: the other half is its mirror image (table 11). */
const QMF = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11] as const;
const QMF_MEMORY = 24;

/** Decision levels of the lower band, and the codes of negative and positive differences (table 14). */
const LOWER_LEVELS = [
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339,
  1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
const LOWER_NEGATIVE = [
  0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
];
const LOWER_POSITIVE = [
  0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33,
  32,
];
/** Differences that the codes stand for: by six bits for the listener, by four for the prediction (tables 15 and 18). */
const LOWER_BY_SIX = [
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
  -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808,
  21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008,
  3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
const LOWER_BY_FOUR = [
  0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
];
const UPPER_BY_TWO = [-7408, -1616, 7408, 1616];
const UPPER_LEVEL = 564;
/** How the logarithm of the scale follows a code (tables 16 and 19). */
const LOWER_WEIGHTS = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
const UPPER_WEIGHTS = [798, -214, 798, -214];
/** 2048 · 2^(n/32): the scale by the fraction of its logarithm (table 17). */
const INVERSE_LOGARITHM = [
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025,
  3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
const LOWER = { scale: 32, weights: LOWER_WEIGHTS, most: 18_432, shift: 8 } as const;
const UPPER = { scale: 8, weights: UPPER_WEIGHTS, most: 22_528, shift: 10 } as const;

/** Encodes 16,000 samples a second into 8,000 octets; it remembers what came before. */
export class G722Encoder {
  readonly #lower = new SubBand(LOWER);
  readonly #upper = new SubBand(UPPER);
  readonly #memory = new Int32Array(QMF_MEMORY);

  /** An octet for each two samples, of which there is an even number. */
  encode(samples: Int16Array): Uint8Array {
    const octets = new Uint8Array(samples.length >> 1);
    const memory = this.#memory;
    for (let at = 0; at < octets.length; at++) {
      memory.copyWithin(0, 2);
      memory[QMF_MEMORY - 2] = samples[2 * at] as number;
      memory[QMF_MEMORY - 1] = samples[2 * at + 1] as number;
      let [odd, even] = [0, 0];
      for (let tap = 0; tap < 12; tap++) {
        odd += (memory[2 * tap] as number) * (QMF[tap] as number);
        even += (memory[2 * tap + 1] as number) * (QMF[11 - tap] as number);
      }
      octets[at] = (this.#codeUpper((even - odd) >> 14) << 6) | this.#codeLower((even + odd) >> 14);
    }
    return octets;
  }

  #codeLower(sample: number): number {
    const band = this.#lower;
    const difference = saturated(sample - band.predicted);
    const magnitude = difference >= 0 ? difference : -(difference + 1);
    let interval = 1;
    while (interval < 30 && magnitude >= ((LOWER_LEVELS[interval] as number) * band.scale) >> 12) interval++;
    const code = (difference < 0 ? LOWER_NEGATIVE : LOWER_POSITIVE)[interval] as number;
    const four = code >> 2;
    band.adapt(four, (band.scale * (LOWER_BY_FOUR[four] as number)) >> 15);
    return code;
  }

  #codeUpper(sample: number): number {
    const band = this.#upper;
    const difference = saturated(sample - band.predicted);
    const magnitude = difference >= 0 ? difference : -(difference + 1);
    const isLarge = magnitude >= (UPPER_LEVEL * band.scale) >> 12;
    const code = difference < 0 ? (isLarge ? 0 : 1) : isLarge ? 2 : 3;
    band.adapt(code, (band.scale * (UPPER_BY_TWO[code] as number)) >> 15);
    return code;
  }
}

/** Decodes what {@link G722Encoder} makes, of whoever's making. Any octet is a code: nothing is refused. */
export class G722Decoder {
  readonly #lower = new SubBand(LOWER);
  readonly #upper = new SubBand(UPPER);
  readonly #memory = new Int32Array(QMF_MEMORY);

  /** Two samples for each octet. */
  decode(octets: Uint8Array): Int16Array {
    const samples = new Int16Array(octets.length * 2);
    const memory = this.#memory;
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] as number;
      const low = this.#sampleOfLower(octet & 0x3f);
      const high = this.#sampleOfUpper(octet >> 6);
      memory.copyWithin(0, 2);
      memory[QMF_MEMORY - 2] = low + high;
      memory[QMF_MEMORY - 1] = low - high;
      let [first, second] = [0, 0];
      for (let tap = 0; tap < 12; tap++) {
        second += (memory[2 * tap] as number) * (QMF[tap] as number);
        first += (memory[2 * tap + 1] as number) * (QMF[11 - tap] as number);
      }
      samples[2 * at] = saturated(first >> 11);
      samples[2 * at + 1] = saturated(second >> 11);
    }
    return samples;
  }

  #sampleOfLower(code: number): number {
    const band = this.#lower;
    const sample = limited(band.predicted + ((band.scale * (LOWER_BY_SIX[code] as number)) >> 15));
    const four = code >> 2;
    band.adapt(four, (band.scale * (LOWER_BY_FOUR[four] as number)) >> 15);
    return sample;
  }

  #sampleOfUpper(code: number): number {
    const band = this.#upper;
    const difference = (band.scale * (UPPER_BY_TWO[code] as number)) >> 15;
    const sample = limited(band.predicted + difference);
    band.adapt(code, difference);
    return sample;
  }
}

/** One band: its scale, and its prediction of the next sample by two poles and six zeros. */
class SubBand {
  /** The scale of the quantiser (DETL, DETH). */
  scale: number;
  /** What the next sample should be (SL, SH). */
  predicted = 0;
  readonly #rule: typeof LOWER | typeof UPPER;
  #logarithm = 0;
  #byZeros = 0;
  /** Differences, newest first, and their weights. */
  readonly #differences = new Int32Array(7);
  readonly #zeros = new Int32Array(7);
  /** Samples as they were put together again, the same without the poles, and the weights of the poles. */
  #sample1 = 0;
  #sample2 = 0;
  #partial1 = 0;
  #partial2 = 0;
  #pole1 = 0;
  #pole2 = 0;

  constructor(rule: typeof LOWER | typeof UPPER) {
    this.#rule = rule;
    this.scale = rule.scale;
  }

  /** Takes the code of a difference and what it stands for; encoder and decoder do the same here, and so stay in step. */
  adapt(code: number, difference: number): void {
    const { weights, most, shift } = this.#rule;
    // LOGSCL and SCALEL, LOGSCH and SCALEH
    const logarithm = ((this.#logarithm * 127) >> 7) + (weights[code] as number);
    this.#logarithm = Math.max(0, Math.min(most, logarithm));
    const mantissa = INVERSE_LOGARITHM[(this.#logarithm >> 6) & 31] as number;
    const exponent = shift - (this.#logarithm >> 11);
    this.scale = (exponent < 0 ? mantissa << -exponent : mantissa >> exponent) << 2;
    this.#predict(difference);
  }

  #predict(difference: number): void {
    const sample = saturated(this.predicted + difference); // RECONS
    const partial = saturated(this.#byZeros + difference); // PARREC
    const isLikeLast = partial < 0 === this.#partial1 < 0;
    const isLikeBefore = partial < 0 === this.#partial2 < 0;
    // UPPOL2
    const byFirst = saturated(this.#pole1 << 2);
    const pole2 =
      (isLikeBefore ? 128 : -128) +
      (Math.min(32_767, isLikeLast ? -byFirst : byFirst) >> 7) +
      ((this.#pole2 * 32_512) >> 15);
    this.#pole2 = Math.max(-12_288, Math.min(12_288, pole2));
    // UPPOL1
    const bound = saturated(15_360 - this.#pole2);
    const pole1 = saturated((isLikeLast ? 192 : -192) + ((this.#pole1 * 32_640) >> 15));
    this.#pole1 = Math.max(-bound, Math.min(bound, pole1));
    // UPZERO, DELAYA and FILTEZ
    const [differences, zeros] = [this.#differences, this.#zeros];
    const step = difference === 0 ? 0 : 128;
    for (let at = 6; at > 0; at--) {
      const isLike = (differences[at] as number) < 0 === difference < 0;
      zeros[at] = saturated((isLike ? step : -step) + (((zeros[at] as number) * 32_640) >> 15));
    }
    differences[0] = difference;
    let byZeros = 0;
    for (let at = 6; at > 0; at--) {
      const one = differences[at - 1] as number;
      differences[at] = one;
      byZeros += ((zeros[at] as number) * saturated(one + one)) >> 15;
    }
    this.#byZeros = saturated(byZeros);
    this.#sample2 = this.#sample1;
    this.#sample1 = sample;
    this.#partial2 = this.#partial1;
    this.#partial1 = partial;
    // FILTEP and PREDIC
    const byPole1 = (this.#pole1 * saturated(2 * this.#sample1)) >> 15;
    const byPole2 = (this.#pole2 * saturated(2 * this.#sample2)) >> 15;
    this.predicted = saturated(saturated(byPole1 + byPole2) + this.#byZeros);
  }
}

function saturated(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** What leaves a band (LIMIT). */
function limited(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value;
}
