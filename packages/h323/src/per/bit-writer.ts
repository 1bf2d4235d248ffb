const INITIAL_CAPACITY = 512;

/** Writes bits, the most significant first. One can be used again and again: `finish` gives a copy and clears it. */
export class BitWriter {
  #bytes = new Uint8Array(INITIAL_CAPACITY);
  /** In bits. What follows it is zero. */
  position = 0;

  bit(value: boolean): void {
    const { position } = this;
    this.#reserve(1);
    if (value) (this.#bytes[position >>> 3] as number) |= 0x80 >>> (position & 7);
    this.position = position + 1;
  }

  /** The `count` low bits of an unsigned number; at most 32. */
  bits(value: number, count: number): void {
    this.#reserve(count);
    let { position } = this;
    this.position = position + count;
    while (count > 0) {
      const available = 8 - (position & 7);
      const taken = count < available ? count : available;
      count -= taken;
      const part = (value >>> count) & ((1 << taken) - 1);
      (this.#bytes[position >>> 3] as number) |= part << (available - taken);
      position += taken;
    }
  }

  align(): void {
    this.position = (this.position + 7) & ~7;
  }

  /** Aligns, then writes octets. */
  octets(octets: Uint8Array): void {
    this.align();
    this.#reserve(octets.byteLength * 8);
    this.#bytes.set(octets, this.position >>> 3);
    this.position += octets.byteLength * 8;
  }

  /** Aligns, then writes an unsigned number in `count` octets; at most 6. */
  number(value: number, count: number): void {
    this.align();
    this.#reserve(count * 8);
    const start = this.position >>> 3;
    let rest = value;
    for (let i = start + count - 1; i >= start; i--) {
      this.#bytes[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.position += count * 8;
  }

  /** Makes room for `count` octets at the octet `at`, where something was written before: all from there moves on. */
  insert(at: number, count: number): void {
    this.#reserve(count * 8);
    this.#bytes.copyWithin(at + count, at, (this.position + 7) >>> 3);
    this.#bytes.fill(0, at, at + count);
    this.position += count * 8;
  }

  /** Writes an octet over what is at `at`. */
  patch(at: number, octet: number): void {
    this.#bytes[at] = octet;
  }

  /** Takes away what was written from the octet `at` on, and gives it. */
  cut(at: number): Uint8Array {
    const end = (this.position + 7) >>> 3;
    const octets = this.#bytes.slice(at, end);
    this.#bytes.fill(0, at, end);
    this.position = at * 8;
    return octets;
  }

  /** What was written, to whole octets, and at least one (X.691 §11.1). */
  finish(): Uint8Array {
    if (this.position === 0) this.position = 8;
    return this.cut(0);
  }

  /** Forgets what was written. */
  clear(): void {
    this.#bytes.fill(0, 0, (this.position + 7) >>> 3);
    this.position = 0;
  }

  #reserve(bits: number): void {
    const needed = (this.position + bits + 7) >>> 3;
    if (needed < this.#bytes.byteLength) return;
    const larger = new Uint8Array(Math.max(needed + 1, this.#bytes.byteLength * 2));
    larger.set(this.#bytes);
    // It may have held a key.
    this.#bytes.fill(0);
    this.#bytes = larger;
  }
}
