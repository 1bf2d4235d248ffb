import { textOctets } from './text-octets.ts';

/** Writes messages, one after the other, into a buffer that it keeps: little-endian integers and octets. */
export class BodyWriter {
  version = 0;
  /** Whether texts are written in ISO 8859-1, for phones that do not say that they know UTF-8. */
  latin1 = false;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** Begins another message in a layout of this protocol version. */
  begin(version: number, latin1: boolean): void {
    this.version = version;
    this.latin1 = latin1;
    this.#length = 0;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.byteLength);
    this.#bytes.set(value, at);
  }

  zeros(count: number): void {
    const at = this.#grow(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** A text in `size` octets, of which the last is zero. */
  fixedText(text: string, size: number): void {
    const at = this.#grow(size);
    this.#bytes.fill(0, at + this.#putText(text, at, size - 1), at + size);
  }

  /** A text and a zero octet, together `most` octets at most. */
  endedText(text: string, most: number): void {
    const at = this.#grow(most);
    const end = at + this.#putText(text, at, most - 1);
    this.#bytes[end] = 0;
    this.#length = end + 1;
  }

  /** Overwrites an integer written before. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** A copy of what was written. What stays behind is cleared where it held a key. */
  finish(secret: boolean): Uint8Array {
    const written = this.#bytes.slice(0, this.#length);
    if (secret) this.#bytes.fill(0, 0, this.#length);
    return written;
  }

  /** Puts a text where there is room for `most` octets; says how many it took. */
  #putText(text: string, at: number, most: number): number {
    const length = Math.min(text.length, most);
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0 || code >= 0x80) {
        const octets = textOctets(text, most, this.latin1);
        this.#bytes.set(octets, at);
        return octets.length;
      }
      this.#bytes[at + i] = code;
    }
    return length;
  }

  #grow(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes.fill(0, 0, at); // it may hold a key
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = needed;
    return at;
  }
}
