import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { readLength, writeLength } from './lengths.ts';

/** How many bits hold the numbers from 0 to `greatest`. */
export function bitsFor(greatest: number): number {
  let bits = 0;
  for (let rest = greatest; rest >= 1; rest = Math.floor(rest / 2)) bits++;
  return bits;
}

/** How many octets hold the numbers from 0 to `greatest`; at least one. */
export function octetsFor(greatest: number): number {
  return Math.max(1, Math.ceil(bitsFor(greatest) / 8));
}

/** Numbers between two bounds (X.691 §11.5): in the least bits, one octet, two, or as many octets as are needed. */
export class ConstrainedNumber {
  readonly from: number;
  readonly to: number;
  /** Of the number itself up to a range of 255, of its length in octets beyond 64K. */
  readonly #bits: number;
  readonly #octets: 0 | 1 | 2 | 'counted';

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
    const range = to - from + 1;
    this.#octets = range <= 255 ? 0 : range === 256 ? 1 : range <= 65_536 ? 2 : 'counted';
    this.#bits = this.#octets === 'counted' ? bitsFor(octetsFor(range - 1) - 1) : bitsFor(range - 1);
  }

  get leastBits(): number {
    return this.#bits;
  }

  read(reader: BitReader): number {
    const value = this.from + this.#readOffset(reader);
    if (value > this.to) reader.fault('h323.out-of-range', `${value} is not within ${this.from} to ${this.to}`);
    return value;
  }

  #readOffset(reader: BitReader): number {
    if (this.#octets === 0) return reader.bits(this.#bits);
    if (this.#octets !== 'counted') return reader.number(this.#octets);
    return reader.number(reader.bits(this.#bits) + 1);
  }

  /** The number has been found to be within the bounds. */
  write(writer: BitWriter, value: number): void {
    const offset = value - this.from;
    if (this.#octets === 0) {
      writer.bits(offset, this.#bits);
    } else if (this.#octets === 'counted') {
      const octets = octetsFor(offset);
      writer.bits(octets - 1, this.#bits);
      writer.number(offset, octets);
    } else writer.number(offset, this.#octets);
  }
}

/** A number that is small as a rule (X.691 §11.6): an index among extensions. */
export function readSmallNumber(reader: BitReader): number {
  if (!reader.bit()) return reader.bits(6);
  const length = readLength(reader);
  if (length < 1 || length > 4) reader.fault('h323.out-of-range', 'an index among extensions has no use of its length');
  return reader.number(length);
}

export function writeSmallNumber(writer: BitWriter, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) notEncodable('an index that is no index');
  writer.bit(value > 63);
  if (value <= 63) {
    writer.bits(value, 6);
    return;
  }
  const octets = octetsFor(value);
  writeLength(writer, octets);
  writer.number(value, octets);
}

/** How many bits of presence follow (X.691 §11.9.3.4): a length that is small as a rule, from 1 on. */
export function readSmallLength(reader: BitReader): number {
  if (!reader.bit()) return reader.bits(6) + 1;
  const length = readLength(reader);
  if (length < 1) reader.fault('h323.out-of-range', 'no type has that many extensions');
  return length;
}

export function writeSmallLength(writer: BitWriter, length: number): void {
  writer.bit(length > 64);
  if (length <= 64) writer.bits(length - 1, 6);
  else writeLength(writer, length);
}
