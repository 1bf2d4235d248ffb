import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';
import type { TypeCodec } from './type-codec.ts';

/** BOOLEAN (X.691 §12): a bit. */
export const booleanCodec: TypeCodec = {
  leastBits: 1,
  decode: (reader: BitReader) => reader.bit(),
  encode(writer: BitWriter, value: unknown) {
    if (typeof value !== 'boolean') notEncodable('neither true nor false');
    writer.bit(value);
  },
};

/** NULL (X.691 §18): nothing. Its value is `null`, so that a field that is there differs from one that is not. */
export const nullCodec: TypeCodec = {
  leastBits: 0,
  decode: () => null,
  encode(_, value) {
    if (value !== null) notEncodable('something other than null');
  },
};
