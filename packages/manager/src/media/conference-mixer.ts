/**
 * A conference: each hears the sum of the others, in frames of 20 ms. It is mixed in 16 kHz where one of those in it has
 * wideband (G.722, Opus), else in 8 kHz.
 */
import {
  clockRateOf,
  createVoiceDecoder,
  createVoiceEncoder,
  type OpusLibrary,
  RTP_HEADER_LENGTH,
  RtpHeaderView,
  sampleRateFor,
  type VoiceCodec,
  type VoiceDecoder,
  type VoiceEncoder,
  type VoiceSampleRate,
  writeRtpHeader,
} from '@trustline/rtp';
import { FRAME_MILLISECONDS } from './hold-audio.ts';
import { RateConversion } from './rate-conversion.ts';
import type { VoiceFormat } from './settings.ts';

/** What a talker's packets may vary by in their arrival: two frames, by which his voice is late. */
const DELAY_FRAMES = 2;
/** Of his voice at most; a clock that runs ahead of ours is set back here. */
const MOST_BUFFERED_FRAMES = 8;
const MOST_SAMPLE = 0x7fff;
/** G.711 is taken in either law, whichever was agreed on. */
const laws: Readonly<Partial<Record<number, VoiceCodec>>> = { 0: 'PCMU', 8: 'PCMA' };

function isLaw(codec: VoiceCodec): boolean {
  return codec === 'PCMU' || codec === 'PCMA';
}

/** One who takes part: what he has said and the others have not heard yet, and the packets for him. */
export class ConferenceMember {
  /** What he speaks and hears the others in. */
  readonly format: VoiceFormat;
  /** Of his voice. */
  readonly sampleRate: VoiceSampleRate;
  /** What he says in the present frame, in the rate of the conference, and whether it is anything but silence. */
  frame: Int16Array;
  speaks = false;
  readonly #opus: OpusLibrary | undefined;
  readonly #ssrc: number;
  readonly #clockRate: number;
  readonly #decoders = new Map<number, VoiceDecoder>();
  readonly #encoder: VoiceEncoder;
  readonly #frameSamples: number;
  readonly #ring: Int16Array;
  readonly #header = new RtpHeaderView();
  #toConference = new RateConversion(8_000, 8_000);
  #fromConference = new RateConversion(8_000, 8_000);
  #at = 0;
  #source: number | undefined;
  /** The timestamp of what is mixed next, and where the newest that has come ends. */
  #plays = 0;
  #newest = 0;
  #packets = 0;

  constructor(format: VoiceFormat, ssrc: number, opus: OpusLibrary | undefined) {
    this.format = format;
    this.#ssrc = ssrc;
    this.#opus = opus;
    this.sampleRate = sampleRateFor(format.codec, 16_000);
    this.#clockRate = clockRateOf[format.codec];
    this.#encoder = createVoiceEncoder(format.codec, this.sampleRate, opus);
    this.#frameSamples = (this.sampleRate * FRAME_MILLISECONDS) / 1_000;
    this.#ring = new Int16Array(MOST_BUFFERED_FRAMES * this.#frameSamples);
    this.frame = new Int16Array(this.#frameSamples);
    this.#decoder(format.payloadType); // so that it is there when he first speaks
  }

  /** The conference is mixed in this rate from now on. */
  mixedIn(rate: VoiceSampleRate): void {
    this.#toConference = new RateConversion(this.sampleRate, rate);
    this.#fromConference = new RateConversion(rate, this.sampleRate);
  }

  /** Takes an RTP packet of his; what is not in his format and what comes too late is nothing to the others. */
  take(packet: Uint8Array): void {
    const header = this.#header;
    if (header.read(packet) !== undefined) return;
    const { payloadType, payloadLength, payloadOffset, ssrc, timestamp } = header;
    const decoder = this.#decoder(payloadType);
    if (decoder === undefined || payloadLength === 0) return;
    if (ssrc !== this.#source) this.#begin(ssrc, timestamp);
    const gap = this.#samples((timestamp - this.#newest) | 0);
    if (!isLaw(this.format.codec)) {
      if (gap < 0) return; // its memory goes one way only
      if (gap > 0) decoder.lost(gap);
    }
    const samples = decoder.decode(packet.subarray(payloadOffset, payloadOffset + payloadLength));
    if (samples === undefined || samples.length > this.#ring.length - DELAY_FRAMES * this.#frameSamples) return;
    const isNewest = gap >= 0;
    const early = this.#samples((timestamp - this.#plays) | 0);
    if (early < 0 || early + samples.length > this.#ring.length) {
      if (!isNewest) return; // it was reordered by more than the delay
      this.#begin(ssrc, timestamp);
    }
    if (isNewest) this.#newest = (timestamp + this.#ticks(samples.length)) >>> 0;
    const from = this.#at + this.#samples((timestamp - this.#plays) | 0);
    for (const [at, sample] of samples.entries()) this.#ring[(from + at) % this.#ring.length] = sample;
  }

  /** Goes on to his next frame; where nothing has come, that is silence. */
  advance(): void {
    this.speaks = false;
    const own = new Int16Array(this.#frameSamples);
    for (let at = 0; at < own.length; at++) {
      const place = (this.#at + at) % this.#ring.length;
      const sample = this.#ring[place] as number;
      own[at] = sample;
      this.#ring[place] = 0;
      if (sample !== 0) this.speaks = true;
    }
    this.#at = (this.#at + own.length) % this.#ring.length;
    this.#plays = (this.#plays + this.#ticks(own.length)) >>> 0;
    this.frame = this.#toConference.process(own);
  }

  /** What he is to hear, in the rate of the conference, as he understands it. Empty where there is nothing yet. */
  encoded(heard: Int16Array): Uint8Array {
    return this.#encoder.encode(this.#fromConference.process(heard));
  }

  /** His next packet, with this payload. */
  packet(payload: Uint8Array): Uint8Array {
    const number = this.#packets++;
    const packet = new Uint8Array(RTP_HEADER_LENGTH + payload.length);
    const timestamp = (number * this.#ticks(this.#frameSamples)) >>> 0;
    writeRtpHeader(packet, false, this.format.payloadType, number & 0xffff, timestamp, this.#ssrc);
    packet.set(payload, RTP_HEADER_LENGTH);
    return packet;
  }

  close(): void {
    this.#encoder.close();
    for (const decoder of this.#decoders.values()) decoder.close();
  }

  #decoder(payloadType: number): VoiceDecoder | undefined {
    const known = this.#decoders.get(payloadType);
    if (known !== undefined) return known;
    const { format } = this;
    const other = isLaw(format.codec) ? laws[payloadType] : undefined;
    const codec = payloadType === format.payloadType ? format.codec : other;
    if (codec === undefined) return undefined;
    const decoder = createVoiceDecoder(codec, this.sampleRate, this.#opus);
    this.#decoders.set(payloadType, decoder);
    return decoder;
  }

  /** His voice begins anew here, with nothing of before it. */
  #begin(ssrc: number, timestamp: number): void {
    this.#source = ssrc;
    this.#newest = timestamp;
    this.#plays = (timestamp - this.#ticks(DELAY_FRAMES * this.#frameSamples)) >>> 0;
    this.#ring.fill(0);
  }

  #samples(ticks: number): number {
    return Math.round((ticks * this.sampleRate) / this.#clockRate);
  }

  #ticks(samples: number): number {
    return (samples * this.#clockRate) / this.sampleRate;
  }
}

/** The conference, frame by frame, by the clock of whoever calls {@link mix}. */
export class ConferenceMixer {
  readonly #members = new Set<ConferenceMember>();
  #rate: VoiceSampleRate = 8_000;
  #sum = new Int32Array((8_000 * FRAME_MILLISECONDS) / 1_000);

  add(member: ConferenceMember): void {
    this.#members.add(member);
    member.mixedIn(this.#rate);
    this.#chooseRate();
  }

  remove(member: ConferenceMember): void {
    this.#members.delete(member);
    member.close();
    this.#chooseRate();
  }

  get size(): number {
    return this.#members.size;
  }

  /**
   * The next frame, in a packet for each. Whoever says nothing hears the same as all others who do not: where a codec has no
   * memory and nothing is to be converted, it is encoded once for them.
   */
  mix(give: (member: ConferenceMember, packet: Uint8Array) => void): void {
    this.#sum.fill(0);
    for (const member of this.#members) {
      member.advance();
      if (!member.speaks) continue;
      for (let at = 0; at < this.#sum.length; at++) (this.#sum[at] as number) += member.frame[at] as number;
    }
    const ofListeners = new Map<VoiceCodec, Uint8Array>();
    for (const member of this.#members) {
      const { codec } = member.format;
      const isShared = !member.speaks && isLaw(codec) && this.#rate === 8_000;
      const payload = (isShared ? ofListeners.get(codec) : undefined) ?? member.encoded(this.#withoutOwn(member));
      if (isShared) ofListeners.set(codec, payload);
      if (payload.length > 0) give(member, member.packet(payload));
    }
  }

  /** The sum without his own voice, no louder than samples can be. */
  #withoutOwn({ frame, speaks }: ConferenceMember): Int16Array {
    const heard = new Int16Array(this.#sum.length);
    for (let at = 0; at < heard.length; at++) {
      const others = (this.#sum[at] as number) - (speaks ? (frame[at] as number) : 0);
      heard[at] = Math.max(-MOST_SAMPLE, Math.min(MOST_SAMPLE, others));
    }
    return heard;
  }

  #chooseRate(): void {
    const rate = [...this.#members].some(({ sampleRate }) => sampleRate === 16_000) ? 16_000 : 8_000;
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#sum = new Int32Array((rate * FRAME_MILLISECONDS) / 1_000);
    for (const member of this.#members) member.mixedIn(rate);
  }
}
