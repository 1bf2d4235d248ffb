import { look } from './aes';
import {
  HASH_KEY,
  LOW_NIBBLES,
  REDUCE_NEXT_HIGH,
  REDUCE_NEXT_LOW,
  REDUCE_SAME_HIGH,
  REDUCE_SAME_LOW,
  ZERO,
} from './layout';

// GHASH (NIST SP 800-38D §6.4) by vector permutation, in a time that depends on no secret. For each of the 16 octets
// of a product there is a table of what a nibble gives, once for low and once for high nibbles; a look-up gives that
// octet for all 16 octets of the block at once, shifted into place by as many octets. Octet 0 holds the lowest powers
// of x, its most significant bit x^0.

/** Writes the tables of the hash key at `key` to the record: 16 for low nibbles, 16 for high ones. */
export function setHashKey(record: usize, key: usize): void {
  const tables = record + HASH_KEY;
  memory.fill(tables, 0, 512);
  let high = bswap<u64>(load<u64>(key));
  let low = bswap<u64>(load<u64>(key, 8));
  for (let power = 0; power < 8; power++) {
    // H·x^power belongs to bit 7 − power of an octet.
    const half = tables + (power < 4 ? 256 : 0);
    const bit = 1 << (3 - (power & 3));
    for (let nibble = 0; nibble < 16; nibble++) {
      if (!(nibble & bit)) continue;
      for (let octet = 0; octet < 16; octet++) {
        const word = octet < 8 ? high : low;
        const at = half + 16 * octet + nibble;
        store<u8>(at, load<u8>(at) ^ <u8>(word >> (56 - 8 * (octet & 7))));
      }
    }
    const carry = low & 1;
    low = (low >> 1) | (high << 63);
    high = (high >> 1) ^ ((0 - carry) & 0xe100000000000000);
  }
}

/** value = (…((value + block)·H + block)·H …)·H over whole blocks. */
export function absorbBlocks(record: usize, value: usize, from: usize, blocks: i32): void {
  let x = v128.load(value);
  for (; blocks > 0; blocks--) {
    x = multiply(record + HASH_KEY, v128.xor(x, v128.load(from)));
    from += 16;
  }
  v128.store(value, x);
}

/** Octet `n` of the product, for each octet of the block. */
// @ts-expect-error: decorator
@inline
function row(tables: usize, low: v128, high: v128, n: usize): v128 {
  return v128.xor(look(v128.load(tables + 16 * n), low), look(v128.load(tables + 16 * n + 256), high));
}

// @ts-expect-error: decorator
@inline
function multiply(tables: usize, x: v128): v128 {
  const zero = v128.load(ZERO);
  const low = v128.and(x, v128.load(LOW_NIBBLES));
  const high = v128.and(i32x4.shr_u(x, 4), v128.load(LOW_NIBBLES));
  let r = row(tables, low, high, 0);
  let here = r;
  r = row(tables, low, high, 1);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30));
  let beyond = v128.shuffle<u8>(r, zero, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  r = row(tables, low, high, 2);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
  r = row(tables, low, high, 3);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28));
  r = row(tables, low, high, 4);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
  r = row(tables, low, high, 5);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26));
  r = row(tables, low, high, 6);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
  r = row(tables, low, high, 7);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24));
  r = row(tables, low, high, 8);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
  r = row(tables, low, high, 9);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22));
  r = row(tables, low, high, 10);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21));
  r = row(tables, low, high, 11);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
  r = row(tables, low, high, 12);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  r = row(tables, low, high, 13);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18));
  r = row(tables, low, high, 14);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
  r = row(tables, low, high, 15);
  here = v128.xor(here, v128.shuffle<u8>(zero, r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
  beyond = v128.xor(beyond, v128.shuffle<u8>(r, zero, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
  return v128.xor(here, reduced(beyond));
}

/** x^128 = x^7 + x^2 + x + 1: each octet beyond gives one in its place and one in the next. */
// @ts-expect-error: decorator
@inline
function reduced(beyond: v128): v128 {
  const low = v128.and(beyond, v128.load(LOW_NIBBLES));
  const high = v128.and(i32x4.shr_u(beyond, 4), v128.load(LOW_NIBBLES));
  const same = v128.xor(look(v128.load(REDUCE_SAME_LOW), low), look(v128.load(REDUCE_SAME_HIGH), high));
  const next = v128.xor(look(v128.load(REDUCE_NEXT_LOW), low), look(v128.load(REDUCE_NEXT_HIGH), high));
  return v128.xor(same, v128.shuffle<u8>(v128.load(ZERO), next, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30));
}
