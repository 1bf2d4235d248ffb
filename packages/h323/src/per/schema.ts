import type { H323Error } from '../error.ts';
import { Additions } from './additions.ts';
import { BitReader, defaultPerLimits, type PerLimits } from './bit-reader.ts';
import { BitStringCodec } from './bit-string.ts';
import { BitWriter } from './bit-writer.ts';
import { charactersCodec } from './characters.ts';
import { ChoiceCodec } from './choice.ts';
import { EnumeratedCodec } from './enumerated.ts';
import { PerFault } from './fault.ts';
import { integerCodec } from './integer.ts';
import { ListCodec } from './list.ts';
import { objectIdentifierCodec } from './object-identifier.ts';
import { OctetStringCodec } from './octet-string.ts';
import { OpenTypeCodec } from './open-type.ts';
import { SecretCodec } from './secret.ts';
import { SequenceCodec } from './sequence.ts';
import { booleanCodec, nullCodec } from './simple.ts';
import type { FieldTable, ModuleTable, NamedTable, TypeTable } from './table.ts';
import type { TypeCodec } from './type-codec.ts';

export type PerResult<T> =
  /** `end` is where the encoding ended, in octets from the first of the input: others may follow it. */
  { readonly ok: true; readonly value: T; readonly end: number } | { readonly ok: false; readonly error: H323Error };

/** Complete encodings of one type. */
export interface PerCodec<T> {
  /**
   * Reads an encoding that begins at the octet `start`. Octet strings in the value are views of `bytes`, which must not
   * change while they are used.
   */
  decode(bytes: Uint8Array, start?: number): PerResult<T>;
  /** Throws `h323.not-encodable`, with the path of the field, for a value that does not fit its type. */
  encode(value: T): Uint8Array;
}

/** Makes codecs from tables: each named type once, when it is first needed. */
export class Schema {
  readonly #modules: ReadonlyMap<string, ModuleTable>;
  readonly #limits: PerLimits;
  readonly #types = new Map<string, TypeCodec>();
  readonly #writer = new BitWriter();

  constructor(modules: readonly ModuleTable[], limits: PerLimits = defaultPerLimits) {
    this.#modules = new Map(modules.map((module) => [module.module, module]));
    this.#limits = limits;
  }

  /** The codec of `type` of `module`, as ASN.1 names them; `T` is the generated type of that name. */
  codec<T>(module: string, type: string): PerCodec<T> {
    const codec = this.#named(module, type);
    const writer = this.#writer;
    return {
      decode: (bytes, start = 0) => {
        const reader = new BitReader(bytes, this.#limits, start);
        try {
          const value = codec.decode(reader) as T;
          return { ok: true, value, end: Math.max((reader.position + 7) >>> 3, start + 1) };
        } catch (error) {
          if (error instanceof PerFault) return { ok: false, error: error.toError(type) };
          throw error;
        }
      },
      encode: (value) => {
        try {
          codec.encode(writer, value);
          return writer.finish();
        } catch (error) {
          writer.clear();
          throw error instanceof PerFault ? error.toError(type) : error;
        }
      },
    };
  }

  #named(module: string, type: string): TypeCodec {
    const key = `${module}/${type}`;
    const made = this.#types.get(key);
    if (made !== undefined) return made;
    const table = this.#modules.get(module)?.types[type];
    if (table === undefined) throw new Error(`there is no type ${type} in ${module}`);
    // A type may hold itself, so it has a place before it is made.
    const place = new NamedCodec();
    this.#types.set(key, place);
    const codec = this.#make(table, module);
    place.fill(codec);
    this.#types.set(key, codec);
    return codec;
  }

  #make(table: TypeTable, home: string): TypeCodec {
    const codec = this.#plain(table, home);
    return 'secret' in table && table.secret ? new SecretCodec(codec) : codec;
  }

  #plain(table: TypeTable, home: string): TypeCodec {
    switch (table.is) {
      case 'boolean':
        return booleanCodec;
      case 'null':
        return nullCodec;
      case 'oid':
        return objectIdentifierCodec;
      case 'integer':
        return integerCodec(table);
      case 'enumerated':
        return new EnumeratedCodec(table);
      case 'octets':
        return new OctetStringCodec(table.size);
      case 'bits':
        return new BitStringCodec(table.size);
      case 'characters':
        return charactersCodec(table);
      case 'list':
        return new ListCodec(this.#make(table.of, home), table.size);
      case 'open':
        return new OpenTypeCodec(this.#make(table.of, home));
      case 'ref':
        return this.#named(table.module ?? home, table.type);
      case 'choice': {
        const alternatives = (all: readonly NamedTable[]) =>
          all.map(({ name, of }) => ({ name, codec: this.#make(of, home) }));
        return new ChoiceCodec(alternatives(table.alternatives), table.additions && alternatives(table.additions));
      }
      case 'sequence': {
        const { fields, additions } = table;
        return new SequenceCodec(
          this.#fields(fields, home),
          additions &&
            new Additions(
              additions.map((addition) =>
                'group' in addition
                  ? {
                      names: addition.group.map(({ name }) => name),
                      codec: new SequenceCodec(this.#fields(addition.group, home), undefined),
                    }
                  : { name: addition.name, codec: this.#make(addition.of, home) },
              ),
            ),
        );
      }
    }
  }

  #fields(fields: readonly FieldTable[], home: string) {
    return fields.map(({ name, of, optional = false }) => ({ name, codec: this.#make(of, home), optional }));
  }
}

/** Stands for a type until it is made. */
class NamedCodec implements TypeCodec {
  readonly leastBits = 0;
  #codec: TypeCodec | undefined;

  fill(codec: TypeCodec): void {
    this.#codec = codec;
  }

  decode(reader: BitReader): unknown {
    return this.#codec?.decode(reader);
  }

  encode(writer: BitWriter, value: unknown): void {
    this.#codec?.encode(writer, value);
  }
}
