import { monotonicNow } from './clock.ts';

/** However busy the process is, so many handshakes go on: otherwise nobody would come in. */
const leastPlaces = 4;
/** A turn of the event loop may take so long, in milliseconds, while phones that are there are served in time. */
const tolerableTurn = 40;
/** What a turn that took too long leaves of the places, and what one that did not adds to them. */
const [decrease, increase] = [0.75, 0.5];

/**
 * Lets a few handshakes at a time use the processor; the others wait in the order of their coming,
 * so that a whole building whose power comes back is served one after the other instead of timing
 * out together. How many depends on how late the process is with everything else: a handshake costs what a hundred
 * messages do, and those who are there are not to wait for those who come. One begins in a turn of the event loop. A
 * place is leased: a client that stalls in its handshake does not hold up the rest.
 */
export class HandshakeGate {
  readonly #most: number;
  readonly #lease: number;
  readonly #waiting: ((release: () => void) => void)[] = [];
  #places: number;
  #taken = 0;
  #isAdmitting = false;

  /**
   * @param places at the most
   * @param lease how long a handshake counts at most, in milliseconds
   */
  constructor(places: number, lease = 1_000) {
    this.#most = places;
    this.#places = places;
    this.#lease = lease;
  }

  /** Calls `start` when there is a place, with the function that gives it back (once; later calls do nothing). */
  enter(start: (release: () => void) => void): void {
    this.#waiting.push(start);
    this.#admit();
  }

  #admit(): void {
    if (this.#isAdmitting || this.#waiting.length === 0 || this.#taken >= Math.floor(this.#places)) return;
    this.#isAdmitting = true;
    const asked = monotonicNow();
    setImmediate(() => {
      this.#isAdmitting = false;
      this.#judge(monotonicNow() - asked);
      const start = this.#waiting.shift();
      if (start !== undefined) this.#begin(start);
      this.#admit();
    });
  }

  #judge(turn: number): void {
    const least = Math.min(leastPlaces, this.#most);
    if (turn > tolerableTurn) this.#places = Math.max(least, this.#places * decrease);
    else this.#places = Math.min(this.#most, this.#places + increase);
  }

  #begin(start: (release: () => void) => void): void {
    this.#taken += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      clearTimeout(timer);
      this.#taken -= 1;
      this.#admit();
    };
    const timer = setTimeout(release, this.#lease).unref();
    start(release);
  }
}
