/**
 * From 16,000 samples a second to 8,000 and back, piece by piece: a half-band filter, whose every second coefficient is zero.
 * {@link resample} is for whole sounds of any rate.
 */

/**
 * Coefficients on each side of the middle, of those that are not zero: 47 in all. What lies under 3.4 kHz passes within 0.01 dB,
 * what lies above 4.6 kHz is 60 dB down.
 */
const SIDE = 12;
/** Of the Kaiser window, for 60 dB. */
const BETA = 5.65;
/** The newest sample is so many from the middle. */
const DELAY = 2 * SIDE - 1;
const MEMORY = 2 * DELAY + 1;

/** Of the samples at odd distances from the middle, nearest first; together with the middle, ½, they make one. */
const coefficients = designed();

function designed(): Float64Array {
  const odd = Float64Array.from({ length: SIDE }, (_, at) => {
    const distance = 2 * at + 1;
    const window = bessel(BETA * Math.sqrt(1 - (distance / (DELAY + 1)) ** 2)) / bessel(BETA);
    return (Math.sin((Math.PI * distance) / 2) / (Math.PI * distance)) * window;
  });
  const sum = odd.reduce((before, one) => before + 2 * one, 0);
  return odd.map((one) => (one * 0.5) / sum);
}

/** The modified Bessel function of the first kind, of order zero. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; k < 32; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** 16,000 samples a second become 8,000. */
export class RateHalving {
  /** Written twice, one length apart, so that the last samples always lie in one piece. */
  readonly #memory = new Float64Array(2 * MEMORY);
  #at = 0;

  /** Half as many samples; an even number comes in. */
  process(samples: Int16Array): Int16Array {
    const halved = new Int16Array(samples.length >> 1);
    for (let index = 0; index < halved.length; index++) {
      this.#take(samples[2 * index] as number);
      this.#take(samples[2 * index + 1] as number);
      const middle = this.#at + DELAY;
      let sum = 0.5 * (this.#memory[middle] as number);
      for (let tap = 0; tap < SIDE; tap++) {
        const distance = 2 * tap + 1;
        const pair = (this.#memory[middle - distance] as number) + (this.#memory[middle + distance] as number);
        sum += (coefficients[tap] as number) * pair;
      }
      halved[index] = rounded(sum);
    }
    return halved;
  }

  #take(sample: number): void {
    this.#memory[this.#at] = sample;
    this.#memory[this.#at + MEMORY] = sample;
    this.#at = (this.#at + 1) % MEMORY;
  }
}

/** 8,000 samples a second become 16,000. */
export class RateDoubling {
  readonly #memory = new Float64Array(4 * SIDE);
  #at = 0;

  /** Twice as many samples. */
  process(samples: Int16Array): Int16Array {
    const doubled = new Int16Array(samples.length * 2);
    for (let index = 0; index < samples.length; index++) {
      this.#memory[this.#at] = samples[index] as number;
      this.#memory[this.#at + 2 * SIDE] = samples[index] as number;
      this.#at = (this.#at + 1) % (2 * SIDE);
      // Between two samples lies one that the filter makes; the samples themselves stay as they are.
      let between = 0;
      for (let tap = 0; tap < SIDE; tap++) {
        const before = this.#memory[this.#at + SIDE - 1 - tap] as number;
        const after = this.#memory[this.#at + SIDE + tap] as number;
        between += 2 * (coefficients[tap] as number) * (before + after);
      }
      doubled[2 * index] = this.#memory[this.#at + SIDE - 1] as number;
      doubled[2 * index + 1] = rounded(between);
    }
    return doubled;
  }
}

function rounded(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
