/** What a held party hears: a sound in a loop, or a tone that says every few seconds that the call is still there. */
import {
  clockRateOf,
  createVoiceEncoder,
  type OpusLibrary,
  RTP_HEADER_LENGTH,
  resample,
  type Sound,
  sampleRateFor,
  type VoiceCodec,
  type VoiceEncoder,
  writeRtpHeader,
} from '@trustline/rtp';
import { RateConversion } from './rate-conversion.ts';
import type { VoiceFormat } from './settings.ts';

/** In which the sound is kept, in hertz: wideband. */
const RATE = 16_000;
/** Of one packet. */
export const FRAME_MILLISECONDS = 20;
const FRAME_SAMPLES = (RATE * FRAME_MILLISECONDS) / 1_000;

/** The tone: two short beeps every five seconds, quiet; as long as a loop takes, in samples. */
const TONE = { hertz: 425, amplitude: 2_000, loop: 5 * RATE, beeps: [0, 0.3], beepSeconds: 0.15 } as const;

export function holdTone(): Sound {
  return beeps(TONE);
}

/** Three beeps and a pause: who does not know what they say asks, and who does hears where protection ends. */
const ANNOUNCEMENT = {
  hertz: 620,
  amplitude: 4_000,
  loop: 1.5 * RATE,
  beeps: [0, 0.35, 0.7],
  beepSeconds: 0.25,
} as const;

export function announcementTone(): Sound {
  return beeps(ANNOUNCEMENT);
}

interface Beeps {
  readonly hertz: number;
  readonly amplitude: number;
  /** In samples. */
  readonly loop: number;
  /** When each begins, in seconds. */
  readonly beeps: readonly number[];
  readonly beepSeconds: number;
}

function beeps({ hertz, amplitude, loop, beeps, beepSeconds }: Beeps): Sound {
  const samples = new Int16Array(loop);
  for (const begins of beeps) {
    const first = Math.round(begins * RATE);
    const count = beepSeconds * RATE;
    for (let at = 0; at < count; at++) {
      // Raised and lowered over its length, so that it does not click.
      const envelope = Math.sin((Math.PI * at) / count);
      samples[first + at] = Math.round(amplitude * envelope * Math.sin((2 * Math.PI * hertz * at) / RATE));
    }
  }
  return { rate: RATE, samples };
}

/**
 * A sound as RTP, encoded once for all who hear it, each frame when it is first wanted: everybody begins with the first. Where
 * the loop begins again a codec with a memory needs a frame to find its way.
 */
export class HoldAudio {
  readonly #samples: Int16Array;
  readonly #frames: number;
  readonly #opus: OpusLibrary | undefined;
  readonly #encoded = new Map<VoiceCodec, EncodedSound>();

  /** A sound of any rate; what is shorter than a frame is silence. */
  constructor(sound: Sound, opus?: OpusLibrary) {
    const { samples } = resample(sound, RATE);
    this.#frames = Math.max(1, Math.floor(samples.length / FRAME_SAMPLES));
    this.#samples = new Int16Array(this.#frames * FRAME_SAMPLES);
    this.#samples.set(samples.subarray(0, this.#samples.length));
    this.#opus = opus;
  }

  /** The packet with this number, of a loop that began with 0; undefined where there is none yet. The octets are new. */
  packet(number: number, { codec, payloadType }: VoiceFormat, ssrc: number): Uint8Array | undefined {
    const payload = this.#in(codec).frame(number % this.#frames);
    if (payload === undefined) return undefined;
    const packet = new Uint8Array(RTP_HEADER_LENGTH + payload.length);
    const timestamp = (number * ((clockRateOf[codec] * FRAME_MILLISECONDS) / 1_000)) >>> 0;
    writeRtpHeader(packet, false, payloadType, number & 0xffff, timestamp, ssrc);
    packet.set(payload, RTP_HEADER_LENGTH);
    return packet;
  }

  #in(codec: VoiceCodec): EncodedSound {
    const known = this.#encoded.get(codec);
    if (known !== undefined) return known;
    const made = new EncodedSound(this.#samples, codec, this.#opus);
    this.#encoded.set(codec, made);
    return made;
  }
}

/** The frames of a sound in one codec, as far as they have been wanted. */
class EncodedSound {
  readonly #samples: Int16Array;
  readonly #encoder: VoiceEncoder;
  readonly #conversion: RateConversion;
  readonly #frames: Uint8Array[] = [];

  constructor(samples: Int16Array, codec: VoiceCodec, opus: OpusLibrary | undefined) {
    this.#samples = samples;
    const rate = sampleRateFor(codec, RATE);
    this.#encoder = createVoiceEncoder(codec, rate, opus);
    this.#conversion = new RateConversion(RATE, rate);
  }

  frame(index: number): Uint8Array | undefined {
    while (this.#frames.length <= index) {
      const from = this.#frames.length * FRAME_SAMPLES;
      const payload = this.#encoder.encode(
        this.#conversion.process(this.#samples.subarray(from, from + FRAME_SAMPLES)),
      );
      if (payload.length === 0) return undefined;
      this.#frames.push(payload);
    }
    return this.#frames[index];
  }
}
