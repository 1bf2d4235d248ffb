import type { AudioSource } from '@trustline/phone/node';

/** What a phone says in the demo: silence until it is told to begin, its speech once, silence again. */
export class Voice implements AudioSource {
  readonly #speech: Int16Array;
  readonly #done = Promise.withResolvers<void>();
  #at: number | undefined;

  /** @param speech at 8 kHz */
  constructor(speech: Int16Array) {
    this.#speech = speech;
  }

  get isDone(): boolean {
    return this.#at !== undefined && this.#at >= this.#speech.length;
  }

  /** Speaks; resolves when all was said. */
  speak(): Promise<void> {
    this.#at ??= 0;
    return this.#done.promise;
  }

  read(frame: Int16Array): void {
    frame.fill(0);
    if (this.#at === undefined) return;
    frame.set(this.#speech.subarray(this.#at, this.#at + frame.length));
    this.#at += frame.length;
    if (this.isDone) this.#done.resolve();
  }
}
