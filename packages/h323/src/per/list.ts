import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable, rethrowAt } from './fault.ts';
import { Size } from './size.ts';
import type { SizeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';

/** SEQUENCE OF and SET OF (X.691 §20): an array. Elements follow each other without alignment. */
export class ListCodec implements TypeCodec {
  readonly #of: TypeCodec;
  readonly #size: Size;

  constructor(of: TypeCodec, size: SizeTable | undefined) {
    this.#of = of;
    this.#size = new Size(size);
  }

  // Of one element at most: the types of elements may hold lists of their own kind.
  get leastBits(): number {
    return this.#size.leastBits + Math.min(this.#size.least, 1);
  }

  decode(reader: BitReader): unknown[] {
    const values: unknown[] = [];
    try {
      this.#size.read(reader, (count) => {
        reader.admit(count, this.#of.leastBits);
        for (let i = 0; i < count; i++) values.push(this.#of.decode(reader));
      });
    } catch (error) {
      rethrowAt(error, String(values.length));
    }
    return values;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (!Array.isArray(value)) notEncodable('no list');
    this.#size.write(writer, value.length, (from, count) => {
      for (let i = from; i < from + count; i++) this.#element(writer, value, i);
    });
  }

  #element(writer: BitWriter, values: readonly unknown[], i: number): void {
    try {
      this.#of.encode(writer, values[i]);
    } catch (error) {
      rethrowAt(error, String(i));
    }
  }
}
