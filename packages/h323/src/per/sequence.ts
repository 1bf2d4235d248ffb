import type { Additions, SequenceValue } from './additions.ts';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable, rethrowAt } from './fault.ts';
import type { TypeCodec } from './type-codec.ts';

export interface Field {
  readonly name: string;
  readonly codec: TypeCodec;
  readonly optional: boolean;
}

/** SEQUENCE (X.691 §19): an object. A field that is not there is absent from it, one with a DEFAULT as well. */
export class SequenceCodec implements TypeCodec {
  leastBits = 0;
  readonly #fields: readonly Field[];
  readonly #optional: number;
  readonly #additions: Additions | undefined;

  constructor(fields: readonly Field[], additions: Additions | undefined) {
    this.#fields = fields;
    this.#additions = additions;
    this.#optional = fields.filter(({ optional }) => optional).length;
    if (this.#optional > 32) throw new Error('more than 32 optional fields are in no module of H.323');
    const own = this.#optional + (additions === undefined ? 0 : 1);
    this.leastBits = fields.reduce((sum, { codec, optional }) => sum + (optional ? 0 : codec.leastBits), own);
  }

  decode(reader: BitReader): SequenceValue {
    reader.enter();
    const extended = this.#additions !== undefined && reader.bit();
    const present = reader.bits(this.#optional);
    const value: SequenceValue = {};
    let left = this.#optional;
    let at = '';
    try {
      for (const { name, codec, optional } of this.#fields) {
        if (optional && ((present >>> --left) & 1) === 0) continue;
        at = name;
        value[name] = codec.decode(reader);
      }
    } catch (error) {
      rethrowAt(error, at);
    }
    if (extended) this.#additions?.decode(reader, value);
    reader.leave();
    return value;
  }

  encode(writer: BitWriter, value: unknown): void {
    if (typeof value !== 'object' || value === null) notEncodable('no object');
    const fields = value as SequenceValue;
    const width = this.#additions?.width(fields);
    if (width !== undefined) writer.bit(width > 0);
    let present = 0;
    for (const { name, optional } of this.#fields)
      if (optional) present = (present << 1) | (fields[name] === undefined ? 0 : 1);
    writer.bits(present >>> 0, this.#optional);
    let left = this.#optional;
    let at = '';
    try {
      for (const { name, codec, optional } of this.#fields) {
        if (optional && ((present >>> --left) & 1) === 0) continue;
        at = name;
        codec.encode(writer, fields[name]);
      }
    } catch (error) {
      rethrowAt(error, at);
    }
    if (width !== undefined && width > 0) this.#additions?.encode(writer, fields, width);
  }
}
