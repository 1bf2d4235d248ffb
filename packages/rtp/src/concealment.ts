// Packet loss concealment in the spirit of ITU-T G.711 appendix I, for 8 kHz audio.

/** Pitch between 200 Hz and 66 Hz. */
const SHORTEST_PERIOD = 40;
export const LONGEST_PERIOD = 120;
/** 20 ms of the latest audio, compared with what lies one period before it. */
const CORRELATED = 160;
const HISTORY = CORRELATED + LONGEST_PERIOD + LONGEST_PERIOD / 4;
/** The first 10 ms are repeated as they are; then 20 % are lost every 10 ms, until nothing is left after 60 ms. */
const FULL_SAMPLES = 80;
const FADE_SAMPLES = 400;
/** 4 ms in which concealment and received audio are blended. */
const BLEND = 32;

/** Fills gaps by repeating the last pitch period of what was heard, fading out, and blends back in afterwards. */
export class Concealment {
  /** The audio before the gap, oldest first. */
  readonly #history = new Float64Array(HISTORY);
  /** The repeated period, its seam smoothed. */
  readonly #period = new Float64Array(LONGEST_PERIOD);
  #periodLength = 0;
  /** Samples concealed in this gap, 0 outside one. */
  #concealed = 0;

  /** Takes received audio, in order; its beginning is blended with the concealment that came before it. */
  receive(samples: Int16Array): void {
    if (this.#concealed > 0) {
      const blended = Math.min(BLEND, samples.length);
      for (let i = 0; i < blended; i++) {
        const share = (i + 1) / (blended + 1);
        samples[i] = Math.round((samples[i] as number) * share + this.#next() * (1 - share));
      }
      this.#concealed = 0;
    }
    this.#remember(samples);
  }

  /** Fills all of `out`. */
  conceal(out: Int16Array): void {
    if (this.#concealed === 0) this.#begin();
    for (let i = 0; i < out.length; i++) out[i] = Math.round(this.#next());
  }

  /** About so many samples, at least one period, after which what was heard last may go on without a break. */
  wholePeriods(samples: number): number {
    const period = this.#currentPeriod();
    return Math.max(1, Math.round(samples / period)) * period;
  }

  /** How many samples, at least one, bridge a cut that left so many out, for what follows to go on in phase. */
  untilInPhase(skipped: number): number {
    const period = this.#currentPeriod();
    const rest = skipped % period;
    return rest > 0 ? rest : rest + period;
  }

  #next(): number {
    const faded = Math.max(0, this.#concealed - FULL_SAMPLES) / FADE_SAMPLES;
    const sample = this.#period[this.#concealed % this.#periodLength] as number;
    this.#concealed++;
    return faded >= 1 ? 0 : sample * (1 - faded);
  }

  #begin(): void {
    this.#periodLength = this.#findPeriod();
    const start = HISTORY - this.#periodLength;
    this.#period.set(this.#history.subarray(start));
    // The last quarter runs over into the audio before the period, so that its repetition has no step (I.2.3).
    const quarter = Math.floor(this.#periodLength / 4);
    for (let i = 0; i < quarter; i++) {
      const share = (i + 1) / (quarter + 1);
      const at = this.#periodLength - quarter + i;
      const before = this.#history[start - quarter + i] as number;
      this.#period[at] = (this.#period[at] as number) * (1 - share) + before * share;
    }
  }

  #currentPeriod(): number {
    return this.#concealed > 0 ? this.#periodLength : this.#findPeriod();
  }

  /** The lag at which the last 20 ms resemble the audio before them most. */
  #findPeriod(): number {
    const from = HISTORY - CORRELATED;
    let best = LONGEST_PERIOD;
    let bestCorrelation = 0;
    for (let lag = SHORTEST_PERIOD; lag <= LONGEST_PERIOD; lag++) {
      let product = 0;
      let energy = 1;
      for (let i = from; i < HISTORY; i++) {
        const earlier = this.#history[i - lag] as number;
        product += (this.#history[i] as number) * earlier;
        energy += earlier * earlier;
      }
      const correlation = product / Math.sqrt(energy);
      if (correlation > bestCorrelation) {
        bestCorrelation = correlation;
        best = lag;
      }
    }
    return best;
  }

  #remember(samples: Int16Array): void {
    const kept = Math.min(samples.length, HISTORY);
    this.#history.copyWithin(0, kept);
    this.#history.set(samples.subarray(samples.length - kept), HISTORY - kept);
  }
}
