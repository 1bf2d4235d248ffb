import { PhoneError } from '../error.ts';

/** Whoever waits until a phone is registered, and why its last try came to nothing. */
export class RegistrationWait<Failure extends Error> {
  #failure: Failure | undefined;
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Resolves with the next registration; rejects where the last try has failed, or the next one does. */
  async next(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.push(waiting);
    await waiting.promise;
  }

  succeeded(): void {
    this.#failure = undefined;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  failed(error: Failure): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  stopped(): void {
    const error = new PhoneError('phone.not-connected', 'The phone was stopped');
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
