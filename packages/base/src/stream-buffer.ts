const INITIAL_CAPACITY = 512;

/**
 * What a stream has delivered and nobody has read yet: the octets [start, end) of `bytes`. While whole messages come in one
 * segment nothing is copied: the chunk itself is read. Ten thousand idle connections need no buffers: what holds nothing
 * is let go.
 */
export class StreamBuffer {
  /** Of what was pushed last, or of a copy where more must come. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  #owned = false;

  /** Octets that are held. */
  get held(): number {
    return this.end - this.start;
  }

  /** Takes what was received. The reader reads all it can and then calls `keep`, before `chunk` changes. */
  push(chunk: Uint8Array): void {
    const { held } = this;
    if (held === 0) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.byteLength;
      this.#owned = false;
      return;
    }
    this.#own(held + chunk.byteLength);
    this.bytes.set(chunk, this.end);
    this.end += chunk.byteLength;
  }

  /** No whole message is there: what has begun is kept until more comes. */
  keep(): undefined {
    if (this.held > 0) this.#own(this.held);
    else this.drop();
    return undefined;
  }

  /** Nothing of it will be read. */
  drop(): undefined {
    this.bytes = new Uint8Array(0);
    this.start = 0;
    this.end = 0;
    return undefined;
  }

  /** Puts what is held at the beginning of a buffer of our own with room for `needed` octets. */
  #own(needed: number): void {
    if (this.#owned && needed <= this.bytes.byteLength - this.start) return;
    const held = this.bytes.subarray(this.start, this.end);
    if (this.#owned && needed <= this.bytes.byteLength) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      const larger = new Uint8Array(Math.max(needed, INITIAL_CAPACITY, this.#owned ? this.bytes.byteLength * 2 : 0));
      larger.set(held);
      this.bytes = larger;
      this.#owned = true;
    }
    this.end = held.byteLength;
    this.start = 0;
  }
}
