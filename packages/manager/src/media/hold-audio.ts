/** What a held party hears: a sound in a loop, or a tone that says every few seconds that the call is still there. */
import { encodeALaw, encodeMuLaw, resample, type Sound } from '@trustline/rtp';
import { writeUint16, writeUint32 } from './octets.ts';

/** Of G.711, in hertz. */
const RATE = 8_000;
/** Of one packet: 20 ms. */
export const FRAME_SAMPLES = 160;
export const FRAME_MILLISECONDS = 20;

/** Payload types of G.711 (RFC 3551 §6), which every phone has. */
const PCMU = 0;
const PCMA = 8;
const HEADER = 12;

/** The tone: two short beeps every five seconds, quiet; as long as a loop takes, in samples. */
const TONE = { hertz: 425, amplitude: 2_000, loop: 5 * RATE, beeps: [0, 0.3], beepSeconds: 0.15 } as const;

export function holdTone(): Sound {
  const samples = new Int16Array(TONE.loop);
  for (const begins of TONE.beeps) {
    const first = begins * RATE;
    const count = TONE.beepSeconds * RATE;
    for (let at = 0; at < count; at++) {
      // Raised and lowered over its length, so that it does not click.
      const envelope = Math.sin((Math.PI * at) / count);
      samples[first + at] = Math.round(TONE.amplitude * envelope * Math.sin((2 * Math.PI * TONE.hertz * at) / RATE));
    }
  }
  return { rate: RATE, samples };
}

/** A sound as RTP, encoded once for all who hear it. */
export class HoldAudio {
  readonly #encoded: ReadonlyMap<number, Uint8Array>;
  readonly #frames: number;

  /** A sound of any rate; what is shorter than a frame is silence. */
  constructor(sound: Sound) {
    const { samples } = resample(sound, RATE);
    this.#frames = Math.max(1, Math.floor(samples.length / FRAME_SAMPLES));
    const whole = new Int16Array(this.#frames * FRAME_SAMPLES);
    whole.set(samples.subarray(0, whole.length));
    const [mu, a] = [new Uint8Array(whole.length), new Uint8Array(whole.length)];
    encodeMuLaw(whole, mu);
    encodeALaw(whole, a);
    this.#encoded = new Map([
      [PCMU, mu],
      [PCMA, a],
    ]);
  }

  /** Whether it can be heard under this payload type. */
  speaks(payloadType: number): boolean {
    return this.#encoded.has(payloadType);
  }

  /** The packet with this number, of a loop that began with 0. The octets are new. */
  packet(number: number, payloadType: number, ssrc: number): Uint8Array {
    const packet = new Uint8Array(HEADER + FRAME_SAMPLES);
    packet[0] = 0x80;
    packet[1] = payloadType;
    writeUint16(packet, 2, number);
    writeUint32(packet, 4, number * FRAME_SAMPLES);
    writeUint32(packet, 8, ssrc);
    const from = (number % this.#frames) * FRAME_SAMPLES;
    packet.set(this.#encoded.get(payloadType)?.subarray(from, from + FRAME_SAMPLES) ?? [], HEADER);
    return packet;
  }
}
