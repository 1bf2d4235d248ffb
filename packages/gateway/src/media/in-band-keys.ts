import { DtmfDetector } from '../tones/dtmf.ts';

const FRAME_MILLISECONDS = 20;
/** Of one key that a port sounds: 100 ms of tone and 100 of silence. */
const KEY_MILLISECONDS = 200;
/** How long after a key its echo may still come back from the line. */
const ECHO_MILLISECONDS = 300;

/**
 * Keys in the audio that comes from a line. While one sounds the audio is silence: who is told of the key hears it made anew,
 * and would hear it twice. Its first 20 to 40 ms go by before it can be told from speech, which is too short for a key (Q.24).
 */
export class InBandKeys {
  readonly #detector = new DtmfDetector();
  #deaf = 0;

  /** The port sounds keys itself: their echo is nobody's. */
  sounded(keys: string): void {
    this.#deaf = (keys.length * KEY_MILLISECONDS + ECHO_MILLISECONDS) / FRAME_MILLISECONDS;
  }

  /** Takes 20 ms, and silences them where they are of a key. Gives the keys that began. */
  take(frame: Int16Array): string {
    const keys = this.#detector.push(frame);
    if (this.#detector.isHearing) frame.fill(0);
    if (this.#deaf <= 0) return keys;
    this.#deaf -= 1;
    return '';
  }
}
