import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import { Size } from './size.ts';
import type { SizeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';

/** The first bit is the most significant of the first octet; bits of the last octet that are not used are zero. */
export interface Bits {
  readonly octets: Uint8Array;
  /** How many bits there are. */
  readonly length: number;
}

/** Up to this fixed length nothing is aligned (X.691 §16.9). */
const UNALIGNED = 16;

/** BIT STRING (X.691 §16). */
export class BitStringCodec implements TypeCodec {
  readonly #size: Size;
  readonly #aligned: boolean;

  constructor(size: SizeTable | undefined) {
    this.#size = new Size(size);
    this.#aligned = this.#size.fixed === undefined || this.#size.fixed > UNALIGNED;
  }

  get leastBits(): number {
    return this.#size.leastBits + this.#size.least;
  }

  decode(reader: BitReader): Bits {
    const blocks: { readonly octets: Uint8Array; readonly length: number }[] = [];
    this.#size.read(reader, (length) => blocks.push({ octets: this.#readBlock(reader, length), length }));
    const [first] = blocks;
    if (first !== undefined && blocks.length === 1) return first;
    // All blocks but the last are of whole octets.
    const octets = Uint8Array.from(blocks.flatMap((block) => [...block.octets]));
    return { octets, length: blocks.reduce((sum, { length }) => sum + length, 0) };
  }

  #readBlock(reader: BitReader, length: number): Uint8Array {
    if (this.#aligned && length > 0) reader.align();
    if (length > reader.end - reader.position) reader.fault('h323.truncated', `${length} bits should follow`);
    const octets = new Uint8Array(Math.ceil(length / 8));
    for (let i = 0; i < octets.byteLength; i++) {
      const count = Math.min(8, length - i * 8);
      octets[i] = reader.bits(count) << (8 - count);
    }
    return octets;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (!isBits(value)) notEncodable('no bits with their number');
    this.#size.write(writer, value.length, (from, length) => {
      if (this.#aligned && length > 0) writer.align();
      for (let i = from; i < from + length; i += 8) {
        const count = Math.min(8, from + length - i);
        writer.bits((value.octets[i / 8] as number) >>> (8 - count), count);
      }
    });
  }
}

function isBits(value: unknown): value is Bits {
  if (typeof value !== 'object' || value === null || !('octets' in value) || !('length' in value)) return false;
  const { octets, length } = value;
  return octets instanceof Uint8Array && typeof length === 'number' && Math.ceil(length / 8) === octets.byteLength;
}
