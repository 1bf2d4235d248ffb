import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';

/** Reads and writes the values of one type. Both throw a `PerFault`. */
export interface TypeCodec {
  /** No value takes fewer bits; zero where that is not known yet. */
  readonly leastBits: number;
  decode(reader: BitReader): unknown;
  encode(writer: BitWriter, value: unknown): void;
}
