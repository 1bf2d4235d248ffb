import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { checkUnknown, type UnknownAlternative } from './extensions.ts';
import { notEncodable, rethrowAt } from './fault.ts';
import { readCountedOctets, writeCountedOctets } from './lengths.ts';
import { readOpen, writeOpen } from './open-type.ts';
import { nullCodec } from './simple.ts';
import type { TypeCodec } from './type-codec.ts';
import { ConstrainedNumber, readSmallNumber, writeSmallNumber } from './whole-numbers.ts';

export interface Alternative {
  readonly name: string;
  readonly codec: TypeCodec;
}

/** `{ kind, value }`; an alternative that is NULL has no `value`. */
interface Chosen {
  readonly kind: string;
  readonly value?: unknown;
}

/** CHOICE (X.691 §23). */
export class ChoiceCodec implements TypeCodec {
  leastBits = 0;
  readonly #root: readonly Alternative[];
  readonly #additions: readonly Alternative[] | undefined;
  readonly #all: readonly Alternative[];
  readonly #index: ConstrainedNumber;
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(root: readonly Alternative[], additions: readonly Alternative[] | undefined) {
    this.#root = root;
    this.#additions = additions;
    this.#all = [...root, ...(additions ?? [])];
    this.#index = new ConstrainedNumber(0, root.length - 1);
    this.#indexes = new Map(this.#all.map(({ name }, index) => [name, index]));
    this.leastBits = this.#index.leastBits + (additions === undefined ? 0 : 1);
  }

  decode(reader: BitReader): Chosen | UnknownAlternative {
    reader.enter();
    const chosen =
      this.#additions !== undefined && reader.bit()
        ? this.#decodeAddition(reader, this.#additions)
        : this.#decodeRoot(reader);
    reader.leave();
    return chosen;
  }

  #decodeRoot(reader: BitReader): Chosen {
    const { name, codec } = this.#root[this.#index.read(reader)] as Alternative;
    if (codec === nullCodec) return { kind: name };
    try {
      return { kind: name, value: codec.decode(reader) };
    } catch (error) {
      return rethrowAt(error, name);
    }
  }

  #decodeAddition(reader: BitReader, additions: readonly Alternative[]): Chosen | UnknownAlternative {
    const index = readSmallNumber(reader);
    const known = additions[index];
    if (known === undefined) return { kind: '...', index, octets: readCountedOctets(reader) };
    try {
      const value = readOpen(reader, known.codec);
      return known.codec === nullCodec ? { kind: known.name } : { kind: known.name, value };
    } catch (error) {
      return rethrowAt(error, known.name);
    }
  }

  encode(writer: BitWriter, value: unknown): void {
    if (typeof value !== 'object' || value === null || !('kind' in value)) notEncodable('no alternative with its kind');
    const chosen = value as Chosen;
    const index = this.#indexes.get(chosen.kind);
    if (index === undefined) {
      this.#encodeUnknown(writer, chosen);
      return;
    }
    const addition = index - this.#root.length;
    const { name, codec } = this.#all[index] as Alternative;
    const inner = codec === nullCodec ? null : chosen.value;
    if (this.#additions !== undefined) writer.bit(addition >= 0);
    try {
      if (addition < 0) {
        this.#index.write(writer, index);
        codec.encode(writer, inner);
      } else {
        writeSmallNumber(writer, addition);
        writeOpen(writer, codec, inner);
      }
    } catch (error) {
      rethrowAt(error, name);
    }
  }

  #encodeUnknown(writer: BitWriter, value: object): void {
    if ((value as Chosen).kind !== '...' || this.#additions === undefined) {
      notEncodable('none of the alternatives that it can be');
    }
    checkUnknown(value, this.#additions.length);
    writer.bit(true);
    writeSmallNumber(writer, value.index);
    writeCountedOctets(writer, value.octets);
  }
}
