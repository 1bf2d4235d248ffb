/** From what one party speaks to what the other understands: voice, digits, packet times, clocks. */
import {
  clockRateOf,
  createVoiceDecoder,
  createVoiceEncoder,
  type OpusLibrary,
  parseTelephoneEvent,
  RTP_HEADER_LENGTH,
  RtpHeaderView,
  sampleRateFor,
  serializeTelephoneEvent,
  type VoiceDecoder,
  type VoiceEncoder,
  type VoiceSampleRate,
  writeRtpHeader,
} from '@trustline/rtp';
import { RateConversion } from './rate-conversion.ts';
import type { EventFormat, SpokenFormats, VoiceFormat } from './settings.ts';

/** A gap in the timestamps that is longer than so many milliseconds is a new beginning and none of a voice. */
const LONGEST_GAP = 10_000;
/** Packets behind the newest that are late; what lies further back is a sender that has begun anew. */
const MOST_LATE = 128;
/** Payload times that Opus has (RFC 6716 §2.1.4), of those a phone may ask for. */
const OPUS_MILLISECONDS = [10, 20, 40, 60];
const MOST_DURATION = 0xffff;

/** Takes a packet for the other party, with the clock of its timestamps in hertz. */
export type GivePacket = (packet: Uint8Array, clockRate: number) => void;

/**
 * One direction of a transcoded stream. Each packet is worked on when it comes: the relay buffers no more than what is missing
 * of a packet of the other's length. A packet that the network has lost stays lost, so that the other party conceals it
 * by its own means and its reports tell of it; one that comes after a later one is left out, for a codec's memory goes one
 * way only. What is no voice and no digit, comfort noise for instance, is left out; the timestamps go on over it.
 */
export class Transcoder {
  /** Of the timestamps that it writes, in hertz. */
  readonly clockRate: number;
  /** What a sender's report has to say of what goes out: who changes the encoding counts anew (RFC 3550 §7.2). */
  readonly sent = { packets: 0, octets: 0 };
  readonly #from: SpokenFormats;
  readonly #to: VoiceFormat;
  readonly #events: readonly EventFormat[];
  readonly #ssrc: number;
  readonly #rate: VoiceSampleRate;
  readonly #encoder: VoiceEncoder;
  readonly #decoders = new Map<number, Hearing>();
  readonly #header = new RtpHeaderView();
  /** Samples that wait for a packet of the other's length to be full. */
  readonly #pending: Int16Array;
  #filled = 0;
  /** Of the next packet that goes out. */
  #number = 0;
  #timestamp = 0;
  #marker = true;
  /** Of the party that is heard: where its next packet goes on; undefined before the first. */
  #source: { ssrc: number; number: number; timestamp: number; clockRate: number } | undefined;
  /** The digit that is under way: its timestamp there and here, and where it ends here. */
  #event: { readonly source: number; readonly timestamp: number; end: number } | undefined;

  constructor(from: SpokenFormats, to: SpokenFormats, ssrc: number, opus: OpusLibrary | undefined) {
    const [heard] = from.voice;
    const [told] = to.voice;
    if (heard === undefined || told === undefined) throw new TypeError('a party speaks one format at least');
    this.#from = from;
    this.#to = told;
    this.#events = to.events;
    this.#ssrc = ssrc;
    // Opus is worked on in the rate of the other, so that nothing has to be converted.
    this.#rate = sampleRateFor(told.codec, sampleRateFor(heard.codec, 16_000));
    this.clockRate = clockRateOf[told.codec];
    this.#encoder = createVoiceEncoder(told.codec, this.#rate, opus);
    for (const format of from.voice) this.#decoders.set(format.payloadType, this.#hearing(format, opus));
    const isPossible = told.codec !== 'opus' || OPUS_MILLISECONDS.includes(to.milliseconds);
    this.#pending = new Int16Array((this.#rate / 1_000) * (isPossible ? to.milliseconds : 20));
  }

  /** An RTP packet of the one party, in the clear; what it makes goes out to the other. */
  take(packet: Uint8Array, give: GivePacket): void {
    const header = this.#header;
    if (header.read(packet) !== undefined || header.payloadLength === 0) return;
    const { payloadType, payloadOffset, payloadLength } = header;
    const lost = this.#follow();
    if (lost === undefined) return;
    const payload = packet.subarray(payloadOffset, payloadOffset + payloadLength);
    const event = this.#from.events.find((one) => one.payloadType === payloadType);
    if (event !== undefined) {
      this.#takeEvent(event, lost, payload, give);
      return;
    }
    const hearing = this.#decoders.get(payloadType);
    if (hearing === undefined) return;
    this.#bridgeGap(hearing, lost, give);
    const samples = hearing.decoder.decode(payload);
    if (samples === undefined || this.#source === undefined) return;
    if (header.marker) this.#marker = true;
    const { sampleRate } = hearing.decoder;
    this.#source.timestamp = (header.timestamp + (samples.length * hearing.clockRate) / sampleRate) >>> 0;
    this.#source.clockRate = hearing.clockRate;
    this.#append(hearing.conversion.process(samples), give);
  }

  /** The SSRC of the party that is heard; undefined before its first packet. */
  get source(): number | undefined {
    return this.#source?.ssrc;
  }

  /** What is added to a number of the party's to get ours of the same moment; exact where both have packets of one length. */
  get sequenceOffset(): number {
    return this.#source === undefined ? 0 : (this.#number - this.#source.number) & 0xffff;
  }

  /** How many ticks of ours are one of the party's. */
  get clockRatio(): number {
    return this.#source === undefined ? 1 : this.clockRate / this.#source.clockRate;
  }

  /** A timestamp of the party's as the other knows it; undefined before the first packet. */
  timestampOf(timestamp: number): number | undefined {
    const source = this.#source;
    if (source === undefined) return undefined;
    const elapsed = ((timestamp - source.timestamp) | 0) * this.clockRatio;
    return (this.#timestamp + this.#ticks(this.#filled) + Math.round(elapsed)) >>> 0;
  }

  close(): void {
    this.#encoder.close();
    for (const { decoder } of this.#decoders.values()) decoder.close();
  }

  /** Goes on to this packet; how many before it have not come, or undefined where it comes too late. */
  #follow(): number | undefined {
    const { ssrc, sequenceNumber, timestamp } = this.#header;
    const source = this.#source;
    const distance = source === undefined ? 0 : ((sequenceNumber - source.number) << 16) >> 16;
    if (source === undefined || source.ssrc !== ssrc || distance < -MOST_LATE) {
      const clockRate = source?.clockRate ?? this.clockRate;
      this.#source = { ssrc, number: (sequenceNumber + 1) & 0xffff, timestamp, clockRate };
      this.#marker = true;
      return 0;
    }
    if (distance < 0) return undefined;
    source.number = (sequenceNumber + 1) & 0xffff;
    return distance;
  }

  /** Lets the same time go by for the other as has gone by at the party since its last packet of voice. */
  #bridgeGap(hearing: Hearing, lost: number, give: GivePacket): void {
    const source = this.#source;
    if (source === undefined) return;
    const gap = (this.#header.timestamp - source.timestamp) | 0;
    if (gap === 0) return;
    const samples = Math.round((gap * this.#rate) / hearing.clockRate);
    if (gap < 0 || samples > (this.#rate * LONGEST_GAP) / 1_000) {
      this.#marker = true;
      return;
    }
    const rest = this.#filled === 0 ? 0 : Math.min(samples, this.#pending.length - this.#filled);
    if (rest > 0) this.#append(new Int16Array(rest), give);
    this.#timestamp = (this.#timestamp + this.#ticks(samples - rest)) >>> 0;
    if (lost === 0) {
      this.#marker = true; // it was silent
      return;
    }
    hearing.decoder.lost(Math.round((gap * hearing.decoder.sampleRate) / hearing.clockRate));
    this.#number += Math.round((samples - rest) / this.#pending.length);
  }

  #append(samples: Int16Array, give: GivePacket): void {
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(samples.length - at, this.#pending.length - this.#filled);
      this.#pending.set(samples.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === this.#pending.length) this.#say(give);
    }
  }

  #say(give: GivePacket): void {
    this.#filled = 0;
    const payload = this.#encoder.encode(this.#pending);
    if (payload.length > 0) {
      this.#send(this.#to.payloadType, this.#timestamp, this.#marker, payload, give);
      this.#marker = false;
    }
    this.#timestamp = (this.#timestamp + this.#ticks(this.#pending.length)) >>> 0;
  }

  /** A digit under the other's payload type and clock; its packets have one timestamp, that of its beginning (RFC 4733 §2.2.2). */
  #takeEvent(format: EventFormat, lost: number, payload: Uint8Array, give: GivePacket): void {
    const told = this.#events.find(({ clockRate }) => clockRate === this.clockRate) ?? this.#events[0];
    const event = parseTelephoneEvent(payload);
    if (told === undefined || event === undefined) return;
    const { timestamp, marker } = this.#header;
    const isNew = this.#event?.source !== timestamp;
    if (isNew) {
      if (this.#filled > 0) this.#append(new Int16Array(this.#pending.length - this.#filled), give);
      const before = this.#event?.end ?? this.#timestamp;
      const begins = ((before - this.#timestamp) | 0) > 0 ? before : this.#timestamp;
      this.#event = { source: timestamp, timestamp: begins, end: begins };
    }
    const begun = this.#event;
    if (begun === undefined) return;
    begun.end = (begun.timestamp + Math.round((event.duration * this.clockRate) / format.clockRate) + 1) >>> 0;
    const duration = Math.min(MOST_DURATION, Math.round((event.duration * told.clockRate) / format.clockRate));
    this.#number += lost;
    const written = serializeTelephoneEvent({ ...event, duration });
    this.#send(told.payloadType, begun.timestamp, isNew || marker, written, give);
  }

  #send(payloadType: number, timestamp: number, marker: boolean, payload: Uint8Array, give: GivePacket): void {
    const packet = new Uint8Array(RTP_HEADER_LENGTH + payload.length);
    writeRtpHeader(packet, marker, payloadType, this.#number++ & 0xffff, timestamp, this.#ssrc);
    packet.set(payload, RTP_HEADER_LENGTH);
    this.sent.packets += 1;
    this.sent.octets += payload.length;
    give(packet, this.clockRate);
  }

  #hearing({ codec }: VoiceFormat, opus: OpusLibrary | undefined): Hearing {
    const decoder = createVoiceDecoder(codec, this.#rate, opus);
    const conversion = new RateConversion(decoder.sampleRate, this.#rate);
    return { decoder, conversion, clockRate: clockRateOf[codec] };
  }

  /** So many samples on the clock of the timestamps that go out. */
  #ticks(samples: number): number {
    return Math.round((samples * this.clockRate) / this.#rate);
  }
}

/** How one format of the party's is heard. */
interface Hearing {
  readonly decoder: VoiceDecoder;
  readonly conversion: RateConversion;
  readonly clockRate: number;
}
