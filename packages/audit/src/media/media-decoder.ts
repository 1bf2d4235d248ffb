import { createVoiceDecoder, decodeALaw, decodeMuLaw, type OpusLibrary } from '@trustline/rtp';
import { type Companding, companding } from './companding.ts';
import type { PayloadCodec } from './payload-codec.ts';

/** Makes samples of payloads that come in their order. */
export interface MediaDecoder {
  /** Of the samples that it gives, in hertz. */
  readonly sampleRate: number;
  /** Of a codec that makes each octet a sample by itself: such payloads are measured without being decoded. */
  readonly law?: Companding;
  /** The samples of a payload, which stay while one more is decoded; undefined for one that is none of this codec. */
  decode(payload: Uint8Array): Int16Array | undefined;
  /** So many samples have not come. */
  lost(samples: number): void;
  /** Gives back what it holds. */
  close(): void;
}

export type MediaDecoderFactory = (codec: PayloadCodec) => MediaDecoder | undefined;

/** Decoders that are made ahead, for libopus gives them only when a turn of the program is over. */
const READY = 16;
/** Opus decoders at the same time: each holds memory of libopus. */
const MOST_OPUS = 512;

/** Which codecs are decoded: G.711, G.722 and L16 always, Opus where its library is given, and whatever is plugged in. */
export class MediaDecoders {
  readonly #factories = new Map<string, MediaDecoderFactory>([
    ['PCMU', () => muLaw],
    ['PCMA', () => aLaw],
    ['G722', () => createVoiceDecoder('G722', 16_000, undefined)],
    ['L16', ({ clockRate }) => new Linear16(clockRate)],
  ]);

  constructor(opus?: OpusLibrary) {
    if (opus === undefined) return;
    const ready = Array.from({ length: READY }, () => opus.decoder(16_000));
    let made = 0;
    this.plug('opus', () => {
      if (made >= MOST_OPUS) return undefined;
      made++;
      ready.push(opus.decoder(16_000));
      const decoder = ready.shift();
      if (decoder === undefined) return undefined;
      return {
        sampleRate: decoder.sampleRate,
        decode: (payload) => decoder.decode(payload),
        lost: (samples) => decoder.lost(samples),
        close: () => {
          made--;
          decoder.close();
        },
      };
    });
  }

  /** Has payloads of a codec of that name decoded by what the factory makes. */
  plug(name: string, factory: MediaDecoderFactory): void {
    this.#factories.set(name, factory);
  }

  has(codec: PayloadCodec): boolean {
    return this.#factories.has(codec.name);
  }

  make(codec: PayloadCodec): MediaDecoder | undefined {
    return this.#factories.get(codec.name)?.(codec);
  }
}

/** Every octet has its sample, whatever was before it: all streams share the decoder of a law. */
function g711(decode: (octets: Uint8Array, out: Int16Array) => void, inversion: number): MediaDecoder {
  return {
    sampleRate: 8_000,
    law: companding(decode, inversion),
    decode(payload) {
      const samples = new Int16Array(payload.byteLength);
      decode(payload, samples);
      return samples;
    },
    lost: () => {},
    close: () => {},
  };
}

const muLaw = g711(decodeMuLaw, 0xff);
const aLaw = g711(decodeALaw, 0xd5);

/** RFC 3551 §4.5.11: 16 bits, the upper octet first; of one channel. */
class Linear16 implements MediaDecoder {
  readonly sampleRate: number;

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
  }

  decode(payload: Uint8Array): Int16Array {
    const samples = new Int16Array(payload.byteLength >> 1);
    for (let at = 0; at < samples.length; at++) {
      samples[at] = ((payload[2 * at] as number) << 8) | (payload[2 * at + 1] as number);
    }
    return samples;
  }

  lost(): void {}

  close(): void {}
}
