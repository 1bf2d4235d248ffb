/** Packets between two looks: two seconds of a phone's voice. */
const PACKETS_OF_A_LOOK = 100;
/** What share may fail before it is said. */
const TOLERATED_SHARE = 0.01;

/** Watches how many of a party's packets do not authenticate, and says once when it is more than one in a hundred. */
export class FailureWatch {
  #received = 0;
  #failed = 0;
  #said = false;

  get received(): number {
    return this.#received;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Whether it was said: nothing more is, until the key changes. */
  get said(): boolean {
    return this.#said;
  }

  /** Notes one packet, whether it failed or not; true when it is to be said now, with the numbers of this look. */
  note(failed: boolean): boolean {
    if (this.#received === PACKETS_OF_A_LOOK) {
      this.#received = 0;
      this.#failed = 0;
    }
    this.#received += 1;
    if (failed) this.#failed += 1;
    if (this.#said || this.#received < PACKETS_OF_A_LOOK || this.#failed <= TOLERATED_SHARE * this.#received) {
      return false;
    }
    this.#said = true;
    return true;
  }

  /** The key has changed: what comes is judged anew. */
  begin(): void {
    this.#received = 0;
    this.#failed = 0;
    this.#said = false;
  }
}
