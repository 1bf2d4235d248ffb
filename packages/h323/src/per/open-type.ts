import type { BitReader } from './bit-reader.ts';
import { BitReader as Reader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { BLOCK, readCountedOctets, readLength, writeCountedOctets } from './lengths.ts';
import type { TypeCodec } from './type-codec.ts';

/** An open type (X.691 §11.2): a complete encoding of another type, with its length in octets before it. */
export class OpenTypeCodec implements TypeCodec {
  readonly leastBits = 16;
  readonly #inner: TypeCodec;

  constructor(inner: TypeCodec) {
    this.#inner = inner;
  }

  decode(reader: BitReader): unknown {
    return readOpen(reader, this.#inner);
  }

  encode(writer: BitWriter, value: unknown): void {
    writeOpen(writer, this.#inner, value);
  }
}

/**
 * Reads within the octets of the open type, where they stand. Octets that are left over are not read: a later version may
 * have put something there, though by the rules it should not.
 */
export function readOpen(reader: BitReader, inner: TypeCodec): unknown {
  const before = reader.position;
  const length = readLength(reader);
  if (length < 0) {
    reader.position = before;
    return readBlocksOfOpen(reader, inner);
  }
  const { end, position } = reader;
  const ownEnd = position + length * 8;
  if (ownEnd > end) reader.fault('h323.truncated', `an open type of ${length} octets should follow`);
  reader.end = ownEnd;
  const value = inner.decode(reader);
  reader.end = end;
  reader.position = ownEnd;
  return value;
}

/** Where it came in blocks it is joined first; it has what limits are left. */
function readBlocksOfOpen(reader: BitReader, inner: TypeCodec): unknown {
  const joined = new Reader(readCountedOctets(reader), reader);
  const value = inner.decode(joined);
  reader.elements = joined.elements;
  return value;
}

export function writeOpen(writer: BitWriter, inner: TypeCodec, value: unknown): void {
  writer.align();
  const lengthAt = writer.position >>> 3;
  writer.number(0, 1);
  const start = lengthAt + 1;
  inner.encode(writer, value);
  writer.align();
  if (writer.position === start * 8) writer.number(0, 1);
  const length = (writer.position >>> 3) - start;
  if (length < 0x80) {
    writer.patch(lengthAt, length);
  } else if (length < BLOCK) {
    writer.insert(start, 1);
    writer.patch(lengthAt, 0x80 | (length >>> 8));
    writer.patch(start, length & 0xff);
  } else {
    const content = writer.cut(start);
    writer.cut(lengthAt);
    writeCountedOctets(writer, content);
    content.fill(0);
  }
}
