/** What came lately, by name: beyond so many the oldest are forgotten. */
export class Recent<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): Value | undefined {
    return this.#entries.get(name);
  }

  set(name: string, value: Value): void {
    this.#entries.delete(name);
    this.#entries.set(name, value);
    if (this.#entries.size <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  /** Whether it is new; it is known from then on. */
  add(name: string, value: Value): boolean {
    if (this.#entries.has(name)) return false;
    this.set(name, value);
    return true;
  }
}
