/**
 * Opus (RFC 6716) as RTP carries it (RFC 7587), in one channel: libopus, compiled to WebAssembly. What a far end sends in
 * stereo is heard in one channel.
 */
import type { OpusDecoderHandle, OpusEncoderHandle } from 'libopus-wasm';
import type { VoiceDecoder, VoiceEncoder, VoiceSampleRate } from './voice-codec.ts';

type Libopus = typeof import('libopus-wasm');

/**
 * Bits a second, for whatever is said and played: half of what G.711 takes. libopus is told of audio and not of voice alone, for
 * then it spoils tones and music on hold after a second.
 */
const BITS = 32_000;
/** From 0 to 10; what more would cost is not heard at these rates. */
const COMPLEXITY = 5;
/** Longest of a packet in milliseconds (RFC 6716 §3.4). */
const LONGEST_PACKET = 120;
/** Concealment for what is longer says nothing of the voice any more. */
const LONGEST_LOSS = 120;
/** Of which everything in Opus is a multiple, in milliseconds. */
const STEP = 2.5;
const NOTHING = new Uint8Array(0);

/** libopus, ready: it gives encoders and decoders at once. */
export class OpusLibrary {
  readonly #libopus: Libopus;

  private constructor(libopus: Libopus) {
    this.#libopus = libopus;
  }

  /** Loads it; once in a thread, and only where somebody needs it. */
  static async load(): Promise<OpusLibrary> {
    const libopus = await import('libopus-wasm');
    await libopus.loadLibopus();
    return new OpusLibrary(libopus);
  }

  /** Which libopus it is. */
  async version(): Promise<string> {
    return (await this.#libopus.loadLibopus()).version;
  }

  /** An encoder for voice. */
  encoder(sampleRate: VoiceSampleRate): VoiceEncoder {
    const { createEncoder, Application } = this.#libopus;
    const made = createEncoder({
      sampleRate,
      channels: 1,
      application: Application.Audio,
      bitrate: BITS,
      complexity: COMPLEXITY,
      frameSize: sampleRate / 50,
    });
    return new OpusEncoder(sampleRate, made);
  }

  decoder(sampleRate: VoiceSampleRate): VoiceDecoder {
    const { createDecoder, isOpusError } = this.#libopus;
    return new OpusDecoder(sampleRate, createDecoder({ sampleRate, channels: 1 }), isOpusError);
  }
}

/**
 * What libopus makes comes in a promise that is kept before the next packet can come, for its module is there already. Until
 * then there is nothing to hear.
 */
class Pending<Handle extends { free(): void }> {
  handle: Handle | undefined;
  #closed = false;

  constructor(made: Promise<Handle>) {
    void made.then((handle) => {
      if (this.#closed) handle.free();
      else this.handle = handle;
    });
  }

  close(): void {
    this.#closed = true;
    this.handle?.free();
    this.handle = undefined;
  }
}

class OpusEncoder implements VoiceEncoder {
  readonly sampleRate: VoiceSampleRate;
  readonly #pending: Pending<OpusEncoderHandle>;

  constructor(sampleRate: VoiceSampleRate, made: Promise<OpusEncoderHandle>) {
    this.sampleRate = sampleRate;
    this.#pending = new Pending(made);
  }

  encode(samples: Int16Array): Uint8Array {
    return this.#pending.handle?.encode(samples, { frameSize: samples.length }) ?? NOTHING;
  }

  close(): void {
    this.#pending.close();
  }
}

class OpusDecoder implements VoiceDecoder {
  readonly sampleRate: VoiceSampleRate;
  readonly #pending: Pending<OpusDecoderHandle>;
  readonly #isOpusError: (error: unknown) => boolean;

  constructor(sampleRate: VoiceSampleRate, made: Promise<OpusDecoderHandle>, isOpusError: (error: unknown) => boolean) {
    this.sampleRate = sampleRate;
    this.#pending = new Pending(made);
    this.#isOpusError = isOpusError;
  }

  decode(payload: Uint8Array): Int16Array | undefined {
    if (payload.byteLength === 0) return undefined;
    try {
      return this.#pending.handle?.decode(payload, { maxFrameSize: (this.sampleRate * LONGEST_PACKET) / 1_000 });
    } catch (error) {
      if (this.#isOpusError(error)) return undefined; // it is no packet of Opus
      throw error;
    }
  }

  /** libopus goes on with what it expects, so that the next packet follows on something. */
  lost(samples: number): void {
    const step = (this.sampleRate * STEP) / 1_000;
    const most = (this.sampleRate * LONGEST_LOSS) / 1_000;
    const concealed = Math.min(most, Math.floor(samples / step) * step);
    if (concealed > 0) this.#pending.handle?.decodePacketLoss(concealed);
  }

  close(): void {
    this.#pending.close();
  }
}
