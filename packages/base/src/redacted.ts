const hidden = '[redacted]';

/**
 * A value that must not reach a log, an error text or a `toString`: keys, PINs, passwords.
 * Only an explicit `reveal()` gives it back, so every use of a secret can be searched for.
 */
export class Redacted<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The secret itself. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  /** What `console.log` and `util.inspect` of Node.js show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return hidden;
  }
}
