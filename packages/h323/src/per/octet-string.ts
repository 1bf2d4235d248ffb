import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { readCountedOctets, writeCountedOctets } from './lengths.ts';
import { Size } from './size.ts';
import type { SizeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';

/** Up to this fixed length nothing is aligned (X.691 §17.6). */
const UNALIGNED = 2;

/** OCTET STRING (X.691 §17). What is decoded is a view of the input. */
export class OctetStringCodec implements TypeCodec {
  readonly #size: Size;

  constructor(size: SizeTable | undefined) {
    this.#size = new Size(size);
  }

  get leastBits(): number {
    return this.#size.leastBits + this.#size.least * 8;
  }

  decode(reader: BitReader): Uint8Array {
    const size = this.#size;
    if (size.fixed !== undefined && size.fixed <= UNALIGNED) {
      const octets = new Uint8Array(size.fixed);
      for (let i = 0; i < size.fixed; i++) octets[i] = reader.bits(8);
      return octets;
    }
    const length = size.readWhole(reader);
    // Nothing is aligned for nothing (X.691 §11.9.3.3).
    if (length === 0) return new Uint8Array(0);
    if (length !== undefined) return reader.octets(length);
    const { position } = reader;
    const octets = readCountedOctets(reader);
    if (octets.byteLength < size.least || octets.byteLength > size.greatest) {
      reader.fault('h323.out-of-range', `${octets.byteLength} octets, not ${size.least} to ${size.greatest}`, position);
    }
    return octets;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (!(value instanceof Uint8Array)) notEncodable('no octets');
    const { fixed, least, greatest } = this.#size;
    if (fixed !== undefined && fixed <= UNALIGNED && value.byteLength === fixed) {
      for (const octet of value) writer.bits(octet, 8);
    } else if (fixed === undefined && least === 0 && greatest === Number.POSITIVE_INFINITY) {
      writeCountedOctets(writer, value);
    } else {
      this.#size.write(writer, value.byteLength, (from, count) => {
        if (count > 0) writer.octets(value.subarray(from, from + count));
      });
    }
  }
}
