import { SccpError } from '../error.ts';
import { readText } from './text-octets.ts';

/**
 * Reads the body of one message: little-endian integers, octets, and the counts of lists, which stand apart from
 * the lists that they count. A read past the end throws `sccp.truncated`, which the codec turns into a value.
 */
export class BodyReader {
  readonly version: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #start: number;
  #offset: number;
  #counts: Map<string, number> | undefined;

  /** Reads the octets [start, end) of `bytes`. */
  constructor(bytes: Uint8Array, start: number, end: number, version: number) {
    this.version = version;
    this.#bytes = bytes;
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

  // Without a DataView: making one for each message costs more than most messages take to read.

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u16(): number {
    const at = this.#take(2);
    return (this.#bytes[at] ?? 0) | ((this.#bytes[at + 1] ?? 0) << 8);
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  i32(): number {
    const at = this.#take(4);
    const bytes = this.#bytes;
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  }

  /** The next `size` octets as a text, which ends at its first zero octet. */
  text(size: number): string {
    const at = this.#take(size);
    const bytes = this.#bytes;
    let text = '';
    for (let i = at; i < at + size; i++) {
      const octet = bytes[i] ?? 0;
      if (octet === 0) break;
      if (octet >= 0x80) return readText(bytes.subarray(at, at + size));
      text += String.fromCharCode(octet);
    }
    return text;
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
