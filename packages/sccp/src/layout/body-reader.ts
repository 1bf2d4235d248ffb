import { SccpError } from '../error.ts';

/**
 * Reads the body of one message: little-endian integers, octets, and the counts of lists, which stand apart from
 * the lists that they count. A read past the end throws `sccp.truncated`, which the codec turns into a value.
 */
export class BodyReader {
  readonly version: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  readonly #start: number;
  #offset: number;
  #counts: Map<string, number> | undefined;

  /** Reads the octets [start, end) of `bytes`. */
  constructor(bytes: Uint8Array, start: number, end: number, version: number) {
    this.version = version;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#start = start;
    this.#offset = start;
    this.#end = end;
  }

  /** Octets read so far. */
  get offset(): number {
    return this.#offset - this.#start;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** A view of the next octets: copy what you keep. */
  view(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A copy of the next octets. */
  copy(length: number): Uint8Array {
    const at = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** How far it is to the next zero octet, at most `most`; `most` where there is none before. */
  lengthOfText(most: number): number {
    const limit = Math.min(this.#offset + most, this.#end);
    for (let at = this.#offset; at < limit; at++) if (this.#bytes[at] === 0) return at - this.#offset;
    return limit - this.#offset;
  }

  /** Whether the next octets are zeros. */
  zerosAhead(count: number): boolean {
    const limit = Math.min(this.#offset + count, this.#end);
    for (let at = this.#offset; at < limit; at++) if (this.#bytes[at] !== 0) return false;
    return true;
  }

  setCount(list: string, count: number): void {
    this.#counts ??= new Map();
    this.#counts.set(list, count);
  }

  countOf(list: string): number {
    return this.#counts?.get(list) ?? 0;
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#end - at) {
      throw new SccpError('sccp.truncated', `${length} octets are needed but ${this.#end - at} are left`, {
        offset: at - this.#start,
      });
    }
    this.#offset = at + length;
    return at;
  }
}
