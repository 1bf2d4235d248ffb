import { DtmfDetector } from '../tones/dtmf.ts';

const FRAME_MILLISECONDS = 20;
/** Of one key that a port sounds: 100 ms of tone and 100 of silence. */
const KEY_MILLISECONDS = 200;
/** How long after a key its echo may still come back from the line. */
const ECHO_MILLISECONDS = 300;
/** A key is told from speech 20 to 40 ms after it began; for so long the audio is kept back. */
const HELD_FRAMES = 2;
const FRAME_SAMPLES = 160;

/**
 * Keys in the audio that comes from a line. While one sounds the audio is silence, from its beginning: who is told of the key
 * hears it made anew, and what went by would be heard as the key once more where a jitter buffer stretches it. So the audio is
 * 40 ms late.
 */
export class InBandKeys {
  readonly #detector = new DtmfDetector();
  readonly #held = Array.from({ length: HELD_FRAMES }, () => new Int16Array(FRAME_SAMPLES));
  #next = 0;
  #deaf = 0;

  /** The port sounds keys itself: their echo is nobody's. */
  sounded(keys: string): void {
    this.#deaf = (keys.length * KEY_MILLISECONDS + ECHO_MILLISECONDS) / FRAME_MILLISECONDS;
  }

  /** Takes 20 ms, and gives those of 40 ms ago in their place, silenced where they are of a key. Returns the keys that began. */
  take(frame: Int16Array): string {
    const keys = this.#detector.push(frame);
    if (this.#detector.isHearing) for (const one of [frame, ...this.#held]) one.fill(0);
    this.#exchange(frame);
    if (this.#deaf <= 0) return keys;
    this.#deaf -= 1;
    return '';
  }

  #exchange(frame: Int16Array): void {
    const oldest = this.#held[this.#next] ?? new Int16Array(FRAME_SAMPLES);
    const given = oldest.slice();
    oldest.set(frame);
    frame.set(given);
    this.#next = (this.#next + 1) % HELD_FRAMES;
  }
}
