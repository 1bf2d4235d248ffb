import { readInt32, writeUint32 } from '../../src/octets.ts';
import type { BlockCipher } from '../timed-primitives.ts';

/**
 * AES-128 by four tables of a round's work (FIPS 197; the tables are those of J. Daemen and V. Rijmen, "The Design of
 * Rijndael", §4.2). Which cache lines it touches depends on key and plaintext, which is how such an AES was broken: D. A.
 * Osvik, A. Shamir, E. Tromer, "Cache attacks and countermeasures", CT-RSA 2006. It is here to be caught.
 */
export class TableAes implements BlockCipher {
  readonly #words = new Int32Array(44);

  setKey(key: Uint8Array): void {
    const words = this.#words;
    for (let at = 0; at < 4; at++) words[at] = readInt32(key, 4 * at);
    let constant = 1;
    for (let at = 4; at < words.length; at++) {
      let word = words[at - 1] as number;
      if (at % 4 === 0) {
        word = substituted((word << 8) | (word >>> 24)) ^ (constant << 24);
        constant = doubled(constant);
      }
      words[at] = (words[at - 4] as number) ^ word;
    }
  }

  encrypt(source: Uint8Array, target: Uint8Array): void {
    const words = this.#words;
    let a = readInt32(source, 0) ^ (words[0] as number);
    let b = readInt32(source, 4) ^ (words[1] as number);
    let c = readInt32(source, 8) ^ (words[2] as number);
    let d = readInt32(source, 12) ^ (words[3] as number);
    for (let at = 4; at < 40; at += 4) {
      const e = column(a, b, c, d) ^ (words[at] as number);
      const f = column(b, c, d, a) ^ (words[at + 1] as number);
      const g = column(c, d, a, b) ^ (words[at + 2] as number);
      d = column(d, a, b, c) ^ (words[at + 3] as number);
      [a, b, c] = [e, f, g];
    }
    writeUint32(target, 0, lastColumn(a, b, c, d) ^ (words[40] as number));
    writeUint32(target, 4, lastColumn(b, c, d, a) ^ (words[41] as number));
    writeUint32(target, 8, lastColumn(c, d, a, b) ^ (words[42] as number));
    writeUint32(target, 12, lastColumn(d, a, b, c) ^ (words[43] as number));
  }
}

function doubled(octet: number): number {
  return ((octet << 1) ^ (octet & 0x80 ? 0x11b : 0)) & 0xff;
}

/** SubBytes (FIPS 197 §5.1.1): the inverse in GF(2^8), found by walking with 3 and back with its inverse, and the affine map. */
const box = new Uint8Array(256);
for (let power = 1, inverse = 1, first = true; first || power !== 1; first = false) {
  box[power] = affine(inverse);
  power ^= doubled(power);
  for (const shift of [1, 2, 4]) inverse ^= (inverse << shift) & 0xff;
  if (inverse & 0x80) inverse ^= 0x09;
}
box[0] = affine(0);

function affine(octet: number): number {
  const twice = octet | (octet << 8);
  return (octet ^ (twice >> 7) ^ (twice >> 6) ^ (twice >> 5) ^ (twice >> 4) ^ 0x63) & 0xff;
}

/** SubBytes and MixColumns of one octet, for each row of a column. */
const tables = [0, 1, 2, 3].map((row) =>
  Int32Array.from(box, (octet) => {
    const word = (doubled(octet) << 24) | (octet << 16) | (octet << 8) | (doubled(octet) ^ octet);
    return row === 0 ? word : (word >>> (8 * row)) | (word << (32 - 8 * row));
  }),
);
const [table0, table1, table2, table3] = tables as [Int32Array, Int32Array, Int32Array, Int32Array];

function column(a: number, b: number, c: number, d: number): number {
  return (
    (table0[a >>> 24] as number) ^
    (table1[(b >>> 16) & 0xff] as number) ^
    (table2[(c >>> 8) & 0xff] as number) ^
    (table3[d & 0xff] as number)
  );
}

/** The last round has no MixColumns (FIPS 197 §5.1). */
function lastColumn(a: number, b: number, c: number, d: number): number {
  return substituted((a & 0xff00_0000) | (b & 0xff_0000) | (c & 0xff00) | (d & 0xff));
}

function substituted(word: number): number {
  return (
    ((box[word >>> 24] as number) << 24) |
    ((box[(word >>> 16) & 0xff] as number) << 16) |
    ((box[(word >>> 8) & 0xff] as number) << 8) |
    (box[word & 0xff] as number)
  );
}
