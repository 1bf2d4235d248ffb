import { AudioQueue, compress, expand } from '../tones/audio-queue.ts';
import type { ToneGenerator } from '../tones/tone-generator.ts';
import { AUDIO_BLOCK_OCTETS, type CompandingLaw } from '../voice-port.ts';

/** The audio of one analogue line: what is written goes out, unless the port itself plays something. */
export class LineAudio {
  /** The last block that came, as samples and as octets of the port's law. */
  readonly samples = new Int16Array(AUDIO_BLOCK_OCTETS);
  readonly octets = new Uint8Array(AUDIO_BLOCK_OCTETS);
  readonly #law: CompandingLaw;
  readonly #played = new Int16Array(AUDIO_BLOCK_OCTETS);
  #written: AudioQueue;
  #source: ToneGenerator | Int16Array | undefined;
  #at = 0;

  constructor(law: CompandingLaw) {
    this.#law = law;
    this.#written = new AudioQueue(law);
  }

  /** Nothing is played or waits to be sent. */
  reset(): void {
    this.#written = new AudioQueue(this.#law);
    this.#source = undefined;
  }

  /** Plays a tone or samples over what is written, to their end. */
  play(source: ToneGenerator | Int16Array | undefined): void {
    this.#source = source;
    this.#at = 0;
  }

  get playing(): boolean {
    return this.#source !== undefined;
  }

  write(octets: Uint8Array): void {
    this.#written.write(octets);
  }

  /** 20 ms of the line, both ways. */
  exchange(received: Uint8Array, toSend: Uint8Array): void {
    this.octets.set(received.subarray(0, AUDIO_BLOCK_OCTETS));
    expand(this.#law, this.octets, this.samples);
    this.#written.read(toSend);
    if (this.#source === undefined) return;
    this.#fill(this.#source);
    compress(this.#law, this.#played, toSend);
  }

  #fill(source: ToneGenerator | Int16Array): void {
    if (!(source instanceof Int16Array)) {
      source.fill(this.#played);
      if (source.finished) this.#source = undefined;
      return;
    }
    const part = source.subarray(this.#at, this.#at + AUDIO_BLOCK_OCTETS);
    this.#played.fill(0);
    this.#played.set(part);
    this.#at += part.length;
    if (this.#at >= source.length) this.#source = undefined;
  }
}
