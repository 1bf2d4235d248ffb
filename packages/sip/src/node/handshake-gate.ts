/**
 * Lets a few handshakes at a time use the processor; the others wait in the order of their coming,
 * so that a whole building whose power comes back is served one after the other instead of timing
 * out together. A place is leased: a client that stalls in its handshake does not hold up the rest.
 */
export class HandshakeGate {
  readonly #places: number;
  readonly #lease: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  /** `lease` is how long a handshake counts at most, in milliseconds. */
  constructor(places: number, lease = 1_000) {
    this.#places = places;
    this.#lease = lease;
  }

  /** Calls `start` when there is a place, with the function that gives it back (once; later calls do nothing). */
  enter(start: (release: () => void) => void): void {
    if (this.#taken >= this.#places) {
      this.#waiting.push(() => this.enter(start));
      return;
    }
    this.#taken += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      clearTimeout(timer);
      this.#taken -= 1;
      this.#waiting.shift()?.();
    };
    const timer = setTimeout(release, this.#lease).unref();
    start(release);
  }
}
