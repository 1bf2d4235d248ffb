import { Redacted } from '@trustline/base';
import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import type { TypeCodec } from './type-codec.ts';

/** A value that shows in no log: keys, and messages that carry keys. */
export class SecretCodec implements TypeCodec {
  readonly #inner: TypeCodec;

  constructor(inner: TypeCodec) {
    this.#inner = inner;
  }

  get leastBits(): number {
    return this.#inner.leastBits;
  }

  decode(reader: BitReader): Redacted<unknown> {
    return new Redacted(this.#inner.decode(reader));
  }

  encode(writer: BitWriter, value: unknown): void {
    if (!(value instanceof Redacted)) notEncodable('a secret that is not Redacted');
    this.#inner.encode(writer, value.reveal());
  }
}
