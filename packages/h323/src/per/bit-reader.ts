import { PerFault } from './fault.ts';

/** What a message may ask of its reader, so that a short one costs little. */
export interface PerLimits {
  /** How deep SEQUENCEs and CHOICEs may be nested; the deepest that a call needs is about 20. */
  readonly depth: number;
  /** How many elements all lists of a message may have together. */
  readonly elements: number;
}

export const defaultPerLimits: PerLimits = { depth: 64, elements: 8_192 };

/**
 * Reads bits, the most significant first (X.691 §11). Never reads past `end`; octets that it gives are views of the
 * input, so nothing is copied and nothing is allocated before it is known to be there.
 */
export class BitReader {
  readonly bytes: Uint8Array;
  /** In bits from the first octet of `bytes`. */
  position: number;
  /** Where what may be read ends, in bits; an open type sets it to its own end while it is read. */
  end: number;
  depth: number;
  elements: number;

  constructor(bytes: Uint8Array, limits: PerLimits, start = 0) {
    this.bytes = bytes;
    this.position = start * 8;
    this.end = bytes.byteLength * 8;
    this.depth = limits.depth;
    this.elements = limits.elements;
  }

  fault(code: PerFault['code'], text: string, position = this.position): never {
    throw new PerFault(code, text, position);
  }

  bit(): boolean {
    const { position } = this;
    if (position >= this.end) this.fault('h323.truncated', 'a bit is missing');
    this.position = position + 1;
    return (((this.bytes[position >>> 3] as number) >>> (7 - (position & 7))) & 1) === 1;
  }

  /** `count` bits as an unsigned number; at most 32. */
  bits(count: number): number {
    let { position } = this;
    if (count > this.end - position) this.fault('h323.truncated', `${count} bits should follow`);
    this.position = position + count;
    let value = 0;
    while (count > 0) {
      const available = 8 - (position & 7);
      const taken = count < available ? count : available;
      const octet = this.bytes[position >>> 3] as number;
      value = value * (1 << taken) + ((octet >>> (available - taken)) & ((1 << taken) - 1));
      position += taken;
      count -= taken;
    }
    return value;
  }

  /** To the next octet, if not at the beginning of one. */
  align(): void {
    this.position = (this.position + 7) & ~7;
  }

  /** Aligns, then gives a view of `count` octets. */
  octets(count: number): Uint8Array {
    const start = (this.position + 7) >>> 3;
    if (count > (this.end >>> 3) - start) this.fault('h323.truncated', `${count} octets should follow`);
    this.position = (start + count) * 8;
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + start, count);
  }

  /** Aligns, then reads `count` octets as an unsigned number; at most 6. */
  number(count: number): number {
    const start = (this.position + 7) >>> 3;
    if (count > (this.end >>> 3) - start) this.fault('h323.truncated', `${count} octets should follow`);
    this.position = (start + count) * 8;
    let value = 0;
    for (let i = start; i < start + count; i++) value = value * 256 + (this.bytes[i] as number);
    return value;
  }

  /** Called on entering a SEQUENCE or CHOICE; `leave` on leaving it. */
  enter(): void {
    if (--this.depth < 0) this.fault('h323.too-deep', 'nested deeper than the limit');
  }

  leave(): void {
    this.depth++;
  }

  /** Called before a list of `count` elements of at least `leastBits` each is made. */
  admit(count: number, leastBits: number): void {
    if (count * Math.max(leastBits, 1) > this.end - this.position) {
      this.fault('h323.too-many', `a list claims ${count} elements, more than the message could hold`);
    }
    this.elements -= count;
    if (this.elements < 0) this.fault('h323.too-many', 'lists have more elements than the limit');
  }
}
