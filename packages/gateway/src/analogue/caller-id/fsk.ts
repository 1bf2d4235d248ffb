import { peakOf, powerOf, SAMPLE_RATE } from '../../tones/goertzel.ts';

/** Frequencies of a modem of 1,200 bits a second, in hertz: what stands for 1 and for 0. */
export interface FskModem {
  readonly mark: number;
  readonly space: number;
}

/** North America's caller ID (GR-30-CORE). */
export const bell202: FskModem = { mark: 1_200, space: 2_200 };
/** Europe's (EN 300 659-1, with the modem of V.23). */
export const v23: FskModem = { mark: 1_300, space: 2_100 };

const BITS_PER_SECOND = 1_200;
const SAMPLES_PER_BIT = SAMPLE_RATE / BITS_PER_SECOND;
/** GR-30-CORE §2.4: alternating bits that wake the receiver, then ones. */
const CHANNEL_SEIZURE_BITS = 300;
const MARK_BITS = 180;
/** Ones after the message, for receivers that are behind. */
const TRAILING_BITS = 10;
const LEVEL = -13.5;
const FAINTEST = -40;

/** The samples of octets, after channel seizure and mark signal; the phase never jumps. */
export function modulate(octets: Uint8Array, modem: FskModem): Int16Array {
  const bits: number[] = [];
  for (let i = 0; i < CHANNEL_SEIZURE_BITS; i += 1) bits.push(i % 2);
  for (let i = 0; i < MARK_BITS; i += 1) bits.push(1);
  for (const octet of octets) {
    bits.push(0);
    for (let bit = 0; bit < 8; bit += 1) bits.push((octet >> bit) & 1);
    bits.push(1);
  }
  for (let i = 0; i < TRAILING_BITS; i += 1) bits.push(1);
  const samples = new Int16Array(Math.ceil(bits.length * SAMPLES_PER_BIT));
  const peak = peakOf(LEVEL);
  let phase = 0;
  for (let at = 0; at < samples.length; at += 1) {
    const bit = bits[Math.min(bits.length - 1, Math.floor(at / SAMPLES_PER_BIT))];
    phase += (2 * Math.PI * (bit === 1 ? modem.mark : modem.space)) / SAMPLE_RATE;
    samples[at] = Math.round(peak * Math.sin(phase));
  }
  return samples;
}

/** A bit of samples: 6.67, so seven. */
const WINDOW = Math.ceil(SAMPLES_PER_BIT);
/** Ones that stand before the first octet at least; channel seizure has them only one at a time. */
const MARK_TO_BEGIN = 8;

/**
 * Receives octets from samples: each is compared by what there is of the two frequencies in the last bit's time. Octets are
 * taken after a mark of 8 bits; a start bit that is none, or a stop bit that is missing, begins that anew.
 */
export class FskReceiver {
  readonly #mark: Correlator;
  readonly #space: Correlator;
  #power = 0;
  #at = 0;
  /** Samples since which there was nothing but ones. */
  #ones = 0;
  #ready = false;
  /** When the next bit is read, in samples; the start bit's was the first. */
  #nextBit = 0;
  #bits: number[] | undefined;

  constructor(modem: FskModem) {
    this.#mark = new Correlator(modem.mark);
    this.#space = new Correlator(modem.space);
  }

  /** Takes samples and gives the octets that ended in them. `lost`: a character broke off, or the carrier did. */
  push(samples: Int16Array): { readonly octets: readonly number[]; readonly lost: boolean } {
    const octets: number[] = [];
    let lost = false;
    for (let at = 0; at < samples.length; at += 1) {
      const result = this.#step(samples[at] as number);
      if (result === 'lost') lost = true;
      else if (result !== undefined) octets.push(result);
    }
    return { octets, lost };
  }

  #step(sample: number): number | 'lost' | undefined {
    this.#at += 1;
    const bit = this.#mark.push(sample) >= this.#space.push(sample) ? 1 : 0;
    this.#power += (sample * sample - this.#power) / (4 * WINDOW);
    if (this.#power < powerOf(FAINTEST)) return this.#break();
    if (this.#bits !== undefined) return this.#readBit(this.#bits, bit);
    if (bit === 1) {
      this.#ones += 1;
      if (this.#ones >= MARK_TO_BEGIN * SAMPLES_PER_BIT) this.#ready = true;
      return undefined;
    }
    this.#ones = 0;
    if (!this.#ready) return undefined;
    // Half of the window is in the start bit now: its middle is half a bit further.
    this.#bits = [];
    this.#nextBit = this.#at + SAMPLES_PER_BIT / 2;
    return undefined;
  }

  #readBit(bits: number[], bit: number): number | 'lost' | undefined {
    if (this.#at < this.#nextBit) return undefined;
    this.#nextBit += SAMPLES_PER_BIT;
    bits.push(bit);
    if (bits.length === 1 && bit === 1) return this.#break();
    if (bits.length < 10) return undefined;
    this.#bits = undefined;
    this.#ones = 0;
    if (bit === 0) return this.#break();
    return bits.slice(1, 9).reduce((octet, one, i) => octet | (one << i), 0);
  }

  #break(): 'lost' | undefined {
    const was = this.#ready;
    this.#ready = false;
    this.#bits = undefined;
    this.#ones = 0;
    return was ? 'lost' : undefined;
  }
}

/** How much of a frequency there is in the last `WINDOW` samples. */
class Correlator {
  readonly #cosines = new Float64Array(WINDOW);
  readonly #sines = new Float64Array(WINDOW);
  readonly #step: number;
  #at = 0;
  #real = 0;
  #imaginary = 0;

  constructor(frequency: number) {
    this.#step = (2 * Math.PI * frequency) / SAMPLE_RATE;
  }

  push(sample: number): number {
    const slot = this.#at % WINDOW;
    const [cosine, sine] = [sample * Math.cos(this.#step * this.#at), sample * Math.sin(this.#step * this.#at)];
    this.#real += cosine - (this.#cosines[slot] as number);
    this.#imaginary += sine - (this.#sines[slot] as number);
    this.#cosines[slot] = cosine;
    this.#sines[slot] = sine;
    this.#at += 1;
    return this.#real ** 2 + this.#imaginary ** 2;
  }
}
