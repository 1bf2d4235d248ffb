import type { BitReader } from './bit-reader.ts';
import type { BitWriter } from './bit-writer.ts';
import { notEncodable } from './fault.ts';

/** From this length on, what is written is cut into blocks, each with its own length (X.691 §11.9.3.8). */
export const BLOCK = 16_384;

/** A length without bounds, or of one block: 1 to 4 times 16K, then as a negative number; another length follows it. */
export function readLength(reader: BitReader): number {
  reader.align();
  const first = reader.bits(8);
  if (first < 0x80) return first;
  if (first < 0xc0) return (first & 0x3f) * 256 + reader.bits(8);
  const blocks = first & 0x3f;
  if (blocks < 1 || blocks > 4) {
    reader.fault('h323.out-of-range', `a length of ${blocks} blocks`, reader.position - 8);
  }
  return -blocks * BLOCK;
}

/** A length below 16K. */
export function writeLength(writer: BitWriter, length: number): void {
  if (length >= BLOCK) notEncodable('longer than can be written here');
  if (length < 0x80) writer.number(length, 1);
  else writer.number(0x8000 + length, 2);
}

/** Reads lengths and calls `take` with how many units follow each, until the last block. */
export function readBlocks(reader: BitReader, take: (count: number) => void): void {
  for (;;) {
    const length = readLength(reader);
    take(Math.abs(length));
    if (length >= 0) return;
  }
}

/** Writes lengths and calls `put` for the units of each block. */
export function writeBlocks(writer: BitWriter, length: number, put: (from: number, count: number) => void): void {
  let from = 0;
  while (length - from >= BLOCK) {
    const blocks = Math.min(4, Math.floor((length - from) / BLOCK));
    writer.number(0xc0 + blocks, 1);
    put(from, blocks * BLOCK);
    from += blocks * BLOCK;
  }
  writeLength(writer, length - from);
  put(from, length - from);
}

/** Octets with their length before them. A view of the input, or a copy where they come in blocks. */
export function readCountedOctets(reader: BitReader): Uint8Array {
  const length = readLength(reader);
  if (length >= 0) return reader.octets(length);
  const blocks = [reader.octets(-length)];
  readBlocks(reader, (count) => blocks.push(reader.octets(count)));
  return joined(blocks);
}

export function writeCountedOctets(writer: BitWriter, octets: Uint8Array): void {
  if (octets.byteLength < BLOCK) {
    writeLength(writer, octets.byteLength);
    writer.octets(octets);
    return;
  }
  writeBlocks(writer, octets.byteLength, (from, count) => writer.octets(octets.subarray(from, from + count)));
}

function joined(blocks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(blocks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.byteLength;
  }
  return all;
}
