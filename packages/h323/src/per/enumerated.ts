import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import type { TypeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';
import { ConstrainedNumber, readSmallNumber, writeSmallNumber } from './whole-numbers.ts';

/** ENUMERATED (X.691 §14): a name; one that only a newer version knows is its index among the additions. */
export class EnumeratedCodec implements TypeCodec {
  readonly leastBits: number;
  readonly #names: readonly string[];
  readonly #additions: readonly string[] | undefined;
  readonly #index: ConstrainedNumber;
  readonly #indexes: ReadonlyMap<unknown, number>;

  constructor({ names, additions }: Extract<TypeTable, { is: 'enumerated' }>) {
    this.#names = names;
    this.#additions = additions;
    this.#index = new ConstrainedNumber(0, names.length - 1);
    this.#indexes = new Map([...names, ...(additions ?? [])].map((name, index) => [name, index]));
    this.leastBits = additions === undefined ? this.#index.leastBits : 1;
  }

  decode(reader: BitReader): string | number {
    if (this.#additions === undefined || !reader.bit()) return this.#names[this.#index.read(reader)] as string;
    const index = readSmallNumber(reader);
    return this.#additions[index] ?? index;
  }

  encode(writer: BitWriter, value: unknown): void {
    const known = this.#indexes.get(value);
    if (known !== undefined && known < this.#names.length) {
      if (this.#additions !== undefined) writer.bit(false);
      this.#index.write(writer, known);
      return;
    }
    const unknown = typeof value === 'number' && value >= (this.#additions?.length ?? 0) ? value : undefined;
    const index = known === undefined ? unknown : known - this.#names.length;
    if (this.#additions === undefined || index === undefined) notEncodable('none of the names that it can have');
    writer.bit(true);
    writeSmallNumber(writer, index);
  }
}
