import { FRAME_SAMPLES } from '@trustline/rtp';
import type { ProgressTone } from '../calls/leg.ts';

const RATE = 8_000;
/** A fifth of full scale for each frequency: about -14 dBm0 (ITU-T E.180). */
const AMPLITUDE = 6_000;

interface Tone {
  readonly frequencies: readonly number[];
  /** Milliseconds on, and off. */
  readonly cadence: readonly [number, number];
}

/** ITU-T E.180 and its supplement 2; ETSI TS 101 041 for Europe, ANSI T1.401 for North America. */
const tables: Readonly<Record<ToneCountry, Readonly<Record<ProgressTone, Tone>>>> = {
  europe: {
    ringing: { frequencies: [425], cadence: [1_000, 4_000] },
    busy: { frequencies: [425], cadence: [500, 500] },
    congestion: { frequencies: [425], cadence: [250, 250] },
  },
  'north-america': {
    ringing: { frequencies: [440, 480], cadence: [2_000, 4_000] },
    busy: { frequencies: [480, 620], cadence: [500, 500] },
    congestion: { frequencies: [480, 620], cadence: [250, 250] },
  },
};

export type ToneCountry = 'europe' | 'north-america';

/** The tones by which a caller hears how his call goes. */
export class ProgressTones {
  readonly #table: Readonly<Record<ProgressTone, Tone>>;

  constructor(country: ToneCountry) {
    this.#table = tables[country];
  }

  /** A tone from its beginning: fills a frame of 20 ms with each call. */
  source(name: ProgressTone): (frame: Int16Array) => void {
    const { frequencies, cadence } = this.#table[name];
    const [on, off] = cadence.map((milliseconds) => (milliseconds * RATE) / 1_000) as [number, number];
    let at = 0;
    return (frame) => {
      for (let index = 0; index < FRAME_SAMPLES; index++, at++) {
        const isOn = at % (on + off) < on;
        let sum = 0;
        for (const frequency of isOn ? frequencies : []) sum += Math.sin((2 * Math.PI * frequency * at) / RATE);
        frame[index] = Math.round((AMPLITUDE * sum) / Math.max(1, frequencies.length));
      }
    };
  }
}
