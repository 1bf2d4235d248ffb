/** Larger than any sample. */
const capacity = 1 << 20;
const headerOctets = 8;

/**
 * The input that is being executed, in memory that two threads share: when the executing one hangs or dies, the other
 * still knows over what.
 */
export class CurrentInput {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #octets: Uint8Array;

  constructor(memory = new SharedArrayBuffer(headerOctets + capacity)) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory, 0, 2);
    this.#octets = new Uint8Array(memory, headerOctets);
  }

  /** Said before each execution. */
  set(input: Uint8Array): void {
    if (input.length > capacity) throw new Error(`an input of ${input.length} octets: ${capacity} are the most`);
    this.#octets.set(input);
    this.#numbers[1] = input.length;
    Atomics.add(this.#numbers, 0, 1);
  }

  /** How many executions have begun; it goes round at 2^32. */
  get executions(): number {
    return Atomics.load(this.#numbers, 0) >>> 0;
  }

  get(): Uint8Array {
    return this.#octets.slice(0, this.#numbers[1]);
  }
}
