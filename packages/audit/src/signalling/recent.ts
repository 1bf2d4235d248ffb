/**
 * What came lately, by name: at most so many, and at least the half of that which came last. It is kept in two generations,
 * the older of which is forgotten as a whole: to take the oldest out of a Map one by one takes longer each time.
 */
export class Recent<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();
  readonly #mostOfAGeneration: number;

  constructor(most: number) {
    this.#mostOfAGeneration = most / 2;
  }

  get(name: string): Value | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  set(name: string, value: Value): void {
    if (this.#young.size >= this.#mostOfAGeneration && !this.#young.has(name)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, value);
  }

  delete(name: string): void {
    this.#young.delete(name);
    this.#old.delete(name);
  }

  /** Whether it is new; it is known from then on. */
  add(name: string, value: Value): boolean {
    if (this.get(name) !== undefined) return false;
    this.set(name, value);
    return true;
  }
}
