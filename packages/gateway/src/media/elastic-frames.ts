/** Frames that are kept at first, and beyond which the oldest are left out: 40 ms, and 100 ms. */
const WANTED = 2;
const MOST = 5;

/**
 * Frames on their way between two clocks that run alike but not together: the one that fills and the one that empties. It
 * holds a little back, so that neither has to wait for the other; a frame that is missing is silence.
 */
export class ElasticFrames {
  readonly #frames: Int16Array[] = [];
  #filling = true;

  /** Takes a copy. */
  push(frame: Int16Array): void {
    this.#frames.push(frame.slice());
    if (this.#frames.length > MOST) this.#frames.splice(0, this.#frames.length - WANTED);
    if (this.#frames.length >= WANTED) this.#filling = false;
  }

  /** Fills `frame` with the next one, or with silence. */
  pull(frame: Int16Array): void {
    const next = this.#filling ? undefined : this.#frames.shift();
    if (next === undefined) {
      this.#filling = true;
      frame.fill(0);
    } else {
      frame.set(next);
    }
  }

  clear(): void {
    this.#frames.length = 0;
    this.#filling = true;
  }
}
