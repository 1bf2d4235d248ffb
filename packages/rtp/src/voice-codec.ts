/** The codecs of a telephone's voice behind one interface: samples in, payloads out, and back. */
import { assertNever } from '@trustline/base';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';
import { G722Decoder, G722Encoder } from './g722.ts';
import type { OpusLibrary } from './opus.ts';

/** By the encoding names of RFC 3551 and RFC 7587. */
export type VoiceCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

export interface VoiceEncoder {
  /** Of the samples that it takes, in hertz. */
  readonly sampleRate: VoiceSampleRate;
  /**
   * The payload for a packet of 10, 20, 40 or 60 ms, or of any even number of samples but for Opus; the octets are new.
   * Empty where there is nothing to send yet.
   */
  encode(samples: Int16Array): Uint8Array;
  /** Gives back what it holds; nothing is encoded after it. */
  close(): void;
}

export interface VoiceDecoder {
  /** Of the samples that it gives, in hertz. */
  readonly sampleRate: VoiceSampleRate;
  /** The samples of a payload; undefined for one that is none of this codec. Packets come in their order. */
  decode(payload: Uint8Array): Int16Array | undefined;
  /** So many samples have not come: what the codec's memory makes of that goes on from here. */
  lost(samples: number): void;
  /** Gives back what it holds; nothing is decoded after it. */
  close(): void;
}

/** Rates that voice is worked on in: a telephone's and wideband's. */
export type VoiceSampleRate = 8_000 | 16_000;

/** Of RTP timestamps, in hertz: that of G.722 is half its sampling rate (RFC 3551 §4.5.2), that of Opus is always the same (RFC 7587 §4.1). */
export const clockRateOf: Readonly<Record<VoiceCodec, number>> = {
  PCMU: 8_000,
  PCMA: 8_000,
  G722: 8_000,
  opus: 48_000,
};

/** The rate in which a codec is worked on where there is a choice: Opus takes either. */
export function sampleRateFor(codec: VoiceCodec, wanted: VoiceSampleRate): VoiceSampleRate {
  if (codec === 'opus') return wanted;
  return codec === 'G722' ? 16_000 : 8_000;
}

/** An encoder; `rate` counts for Opus alone, which needs its library. */
export function createVoiceEncoder(
  codec: VoiceCodec,
  rate: VoiceSampleRate,
  opus: OpusLibrary | undefined,
): VoiceEncoder {
  switch (codec) {
    case 'PCMU':
      return g711Encoder(encodeMuLaw);
    case 'PCMA':
      return g711Encoder(encodeALaw);
    case 'G722': {
      const encoder = new G722Encoder();
      return { sampleRate: 16_000, encode: (samples) => encoder.encode(samples), close: nothing };
    }
    case 'opus':
      return loaded(opus).encoder(rate);
    default:
      return assertNever(codec);
  }
}

/** A decoder; `rate` counts for Opus alone, which needs its library. */
export function createVoiceDecoder(
  codec: VoiceCodec,
  rate: VoiceSampleRate,
  opus: OpusLibrary | undefined,
): VoiceDecoder {
  switch (codec) {
    case 'PCMU':
      return g711Decoder(decodeMuLaw);
    case 'PCMA':
      return g711Decoder(decodeALaw);
    case 'G722': {
      const decoder = new G722Decoder();
      return { sampleRate: 16_000, decode: (payload) => decoder.decode(payload), lost: nothing, close: nothing };
    }
    case 'opus':
      return loaded(opus).decoder(rate);
    default:
      return assertNever(codec);
  }
}

function loaded(opus: OpusLibrary | undefined): OpusLibrary {
  if (opus === undefined) throw new TypeError('Opus needs its library: OpusLibrary.load');
  return opus;
}

function g711Encoder(law: (samples: Int16Array, out: Uint8Array) => void): VoiceEncoder {
  return {
    sampleRate: 8_000,
    encode(samples) {
      const octets = new Uint8Array(samples.length);
      law(samples, octets);
      return octets;
    },
    close: nothing,
  };
}

function g711Decoder(law: (octets: Uint8Array, out: Int16Array) => void): VoiceDecoder {
  return {
    sampleRate: 8_000,
    decode(payload) {
      const samples = new Int16Array(payload.length);
      law(payload, samples);
      return samples;
    },
    lost: nothing,
    close: nothing,
  };
}

/** G.711 remembers nothing, and G.722 finds its way back by itself. */
function nothing(): void {}
