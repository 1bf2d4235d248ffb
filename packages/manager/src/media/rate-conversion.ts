import { RateDoubling, RateHalving, type VoiceSampleRate } from '@trustline/rtp';

/** Samples in the rate in which they are worked on, whatever rate they come in. */
export class RateConversion {
  readonly #filter: RateDoubling | RateHalving | undefined;

  constructor(from: VoiceSampleRate, to: VoiceSampleRate) {
    if (from !== to) this.#filter = from < to ? new RateDoubling() : new RateHalving();
  }

  process(samples: Int16Array): Int16Array {
    return this.#filter?.process(samples) ?? samples;
  }
}
