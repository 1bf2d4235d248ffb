import { DtmfToneReader, mayBeTones, mayCrossLikeTones } from '../signal/dtmf-tones.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { AudioRecording, AudioStore } from './audio-store.ts';
import { BlockMeasure, type Companding, crossingsOf, expand } from './companding.ts';
import type { SampleOctets } from './payload-lane.ts';
import { PeakPicture } from './peak-picture.ts';

/** What a tap hears of a stream. */
export interface AudioSummary {
  readonly sampleRate: number;
  /** Decoded, silence included. */
  readonly seconds: number;
  /** Above silence. */
  readonly audibleSeconds: number;
  /** RMS of what is audible, in dB below full scale (negative); undefined where nothing is. */
  readonly levelDecibels: number | undefined;
  /** Peaks of equal stretches of time, 0 to 255, at most 400. */
  readonly peaks: readonly number[];
  /** The samples, where they were asked for and there was room; silence stands where packets are missing. */
  readonly samples: (() => Int16Array) | undefined;
  /** Samples that were not kept for want of room. */
  readonly samplesNotKept: number;
}

/** Digits that were heard, and the packets in which each begins. */
export interface DigitsAt {
  readonly digits: string;
  readonly places: readonly PacketPlace[];
}

/** Mean square above which something is heard: -55 dB below full scale, over the hum of a quiet line. */
const AUDIBLE = 60 * 60;
/** A jump of the timestamp beyond so many seconds is a new beginning, and no silence is made for it. */
const LONGEST_GAP_SECONDS = 30;
/** Digits of tones that are kept of a stream. */
const MOST_DIGITS = 1_000;
/** A peak lies over some samples: every second is looked at. */
const PEAK_STEP = 2;
const silence = new Int16Array(8_000);
const nothing = new Int16Array(0);
/** Samples of a packet that are made in a place which all streams share. */
const MOST_AT_ONCE = 4_096;
const expanded = new Int16Array(MOST_AT_ONCE);
const measured = new BlockMeasure();
const noOctets = new Uint8Array(0);

/** Measures the samples of a stream as they come, in their order. Keeps none unless it was asked to. */
export class HeardAudio {
  readonly #rate: number;
  readonly #clockRate: number;
  readonly #block: number;
  readonly #picture = new PeakPicture();
  readonly #tones: DtmfToneReader;
  readonly #recording: AudioRecording | undefined;
  readonly #digitPlaces: PacketPlace[] = [];
  #digits = '';
  #place: PacketPlace | undefined;
  /** The samples of the packet before, or its last octets if they are a sample each by a law. */
  #before: Int16Array = nothing;
  #octetsBefore: Uint8Array = noOctets;
  #lawBefore: Companding | undefined;
  /** Where the next sample stands if no packet is missing. */
  #position = 0;
  #nextTimestamp: number | undefined;
  #decoded = 0;
  #audible = 0;
  #energy = 0;
  #notKept = 0;

  constructor(sampleRate: number, clockRate: number, store: AudioStore | undefined) {
    this.#rate = sampleRate;
    this.#clockRate = clockRate;
    this.#block = Math.max(1, Math.round(sampleRate / 100));
    this.#recording = store?.open(sampleRate);
    this.#tones = new DtmfToneReader(sampleRate, ({ digit }) => {
      if (this.#place === undefined || this.#digits.length >= MOST_DIGITS) return;
      this.#digits += digit;
      this.#digitPlaces.push(this.#place);
    });
  }

  get sampleRate(): number {
    return this.#rate;
  }

  /** Samples that are missing before the packet of this timestamp, as far as they are made up for by silence. */
  missing(timestamp: number): number {
    if (this.#nextTimestamp === undefined) return 0;
    const gap = ((timestamp - this.#nextTimestamp) | 0) / this.#clockRate;
    return gap <= 0 || gap > LONGEST_GAP_SECONDS ? 0 : Math.round(gap * this.#rate);
  }

  /** The samples of a packet; of another rate where the sender changed its codec. */
  add(timestamp: number, given: Int16Array, sampleRate: number, place: PacketPlace): void {
    const samples = sampleRate === this.#rate ? given : atRate(given, sampleRate, this.#rate);
    this.#begin(timestamp, samples.length, place);
    this.#measure(samples);
    this.#end(samples.length, samples);
  }

  /** The same of a packet whose octets are a sample each: they are measured as they are, and decoded only where that does not do. */
  addOctets(
    timestamp: number,
    { sampleRate, law }: SampleOctets,
    octets: Uint8Array,
    from: number,
    to: number,
    place: PacketPlace,
  ): void {
    const length = to - from;
    if (this.#recording !== undefined || sampleRate !== this.#rate || length > MOST_AT_ONCE) {
      const samples = new Int16Array(length);
      expand(law, octets, from, to, samples, 0);
      this.add(timestamp, samples, sampleRate, place);
      return;
    }
    this.#begin(timestamp, length, place);
    this.#measureOctets(law, octets, from, to);
    this.#end(length, undefined);
  }

  summary(): AudioSummary {
    const recording = this.#recording;
    return {
      sampleRate: this.#rate,
      seconds: this.#decoded / this.#rate,
      audibleSeconds: this.#audible / this.#rate,
      levelDecibels: this.#audible === 0 ? undefined : 10 * Math.log10(this.#energy / this.#audible / 32_768 ** 2),
      peaks: this.#picture.peaks(),
      samples: recording === undefined ? undefined : () => recording.samples(),
      samplesNotKept: this.#notKept,
    };
  }

  /** Digits that sound in it, so far. */
  digits(): DigitsAt {
    return { digits: this.#digits, places: this.#digitPlaces };
  }

  #begin(timestamp: number, samples: number, place: PacketPlace): void {
    const missing = this.missing(timestamp);
    if (missing > 0) this.#pass(missing);
    this.#nextTimestamp = (timestamp + Math.round((samples / this.#rate) * this.#clockRate)) >>> 0;
    this.#place = place;
  }

  #end(length: number, samples: Int16Array | undefined): void {
    if (samples !== undefined && this.#recording?.append(samples) === false) this.#notKept += length;
    this.#position += length;
    this.#decoded += length;
  }

  #measure(samples: Int16Array): void {
    const block = this.#block;
    for (let from = 0; from < samples.length; from += block) {
      const to = Math.min(samples.length, from + block);
      let energy = 0;
      let crossings = 0;
      let before = samples[from] as number;
      for (let at = from; at < to; at++) {
        const sample = samples[at] as number;
        energy += sample * sample;
        crossings = (crossings - ((sample ^ before) >> 31)) | 0;
        before = sample;
      }
      let peak = 0;
      for (let at = from; at < to; at += PEAK_STEP) peak = Math.max(peak, Math.abs(samples[at] as number));
      this.#count(energy, peak, from, to - from);
      const mayBeTone =
        mayBeTones(energy, peak, to - from) &&
        mayCrossLikeTones(crossings) &&
        this.#tones.mayBePair(samples, from, to, energy);
      if (mayBeTone || this.#tones.isListening) this.#listen(samples, from, to, mayBeTone);
      else this.#tones.skip(to - from);
    }
    this.#before = samples;
    this.#lawBefore = undefined;
  }

  /** {@link #measure} without the samples, which are made where tones may be alone. */
  #measureOctets(law: Companding, octets: Uint8Array, start: number, end: number): void {
    const block = this.#block;
    for (let from = start; from < end; from += block) {
      const to = Math.min(end, from + block);
      measured.read(law, octets, from, to);
      const { energy, peak } = measured;
      this.#count(energy, peak, from - start, to - from);
      const isLikeTones = mayBeTones(energy, peak, to - from) && mayCrossLikeTones(crossingsOf(octets, from, to));
      const { isListening } = this.#tones;
      if (isLikeTones || isListening) expand(law, octets, from, to, expanded, from - start);
      const mayBeTone = isLikeTones && this.#tones.mayBePair(expanded, from - start, to - start, energy);
      if (!mayBeTone && !isListening) {
        this.#tones.skip(to - from);
        continue;
      }
      if (!isListening && from > start) expand(law, octets, from - block, from, expanded, from - block - start);
      this.#listen(expanded, from - start, to - start, mayBeTone);
    }
    const kept = Math.min(end - start, block);
    if (this.#octetsBefore.length !== kept) this.#octetsBefore = new Uint8Array(kept);
    this.#octetsBefore.set(octets.subarray(end - kept, end));
    this.#lawBefore = law;
  }

  /** Counts a block of 10 ms. */
  #count(energy: number, peak: number, from: number, length: number): void {
    if (energy > AUDIBLE * length) {
      this.#audible += length;
      this.#energy += energy;
    }
    this.#picture.add((this.#position + from) / this.#rate, peak);
  }

  /** The last samples of the packet before, at least a block of them. */
  #samplesBefore(): Int16Array {
    const law = this.#lawBefore;
    if (law === undefined) return this.#before;
    const samples = new Int16Array(this.#octetsBefore.length);
    expand(law, this.#octetsBefore, 0, samples.length, samples, 0);
    return samples;
  }

  #listen(samples: Int16Array, from: number, to: number, mayBeTone: boolean): void {
    const tones = this.#tones;
    if (!tones.isListening) {
      // A digit may have begun in the midst of the block before this one.
      const before = from > 0 ? samples : this.#samplesBefore();
      const end = from > 0 ? from : before.length;
      tones.push(before, Math.max(0, end - this.#block), end, 0);
    }
    tones.push(samples, from, to, mayBeTone ? to : 0);
  }

  #pass(samples: number): void {
    this.#position += samples;
    this.#tones.gap(samples);
    this.#before = nothing;
    this.#lawBefore = undefined;
    const recording = this.#recording;
    if (recording === undefined) return;
    for (let left = samples; left > 0; left -= silence.length) {
      if (!recording.append(silence.subarray(0, Math.min(left, silence.length)))) {
        this.#notKept += left;
        return;
      }
    }
  }
}

/** Good enough for a picture and for listening: each sample is the one nearest before it. */
function atRate(samples: Int16Array, from: number, to: number): Int16Array {
  const step = from / to;
  return Int16Array.from({ length: Math.floor(samples.length / step) }, (_, at) => samples[Math.floor(at * step)] ?? 0);
}
