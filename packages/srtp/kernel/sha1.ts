import { OUTER_BLOCK, RESULT, ROUND_CONSTANTS, SCHEDULE } from './layout';
import { clearTo } from './octets';
import { compressInterleaved } from './sha1-rounds';

// SHA-1 (FIPS 180-4 §6.1) and HMAC over it (RFC 2104), from states kept after the key blocks. A state is five words in
// the machine's order.

/** Writes the state that hashing begins with. */
export function initialize(state: usize): void {
  store<u32>(state, 0x67452301);
  store<u32>(state, 0xefcdab89, 4);
  store<u32>(state, 0x98badcfe, 8);
  store<u32>(state, 0x10325476, 12);
  store<u32>(state, 0xc3d2e1f0, 16);
}

/** One compression: `to` = the state at `from` after the block at `block`. */
export function compress(from: usize, block: usize, to: usize): void {
  if (ASC_FEATURE_SIMD) compressInterleaved(from, block, to);
  else compressPlain(from, block, to);
}

function compressPlain(from: usize, block: usize, to: usize): void {
  for (let at: usize = 0; at < 64; at += 4) store<u32>(SCHEDULE + at, bswap<u32>(load<u32>(block + at)));
  for (let at = SCHEDULE + 64; at < SCHEDULE + 320; at += 4) {
    const sum = load<u32>(at - 12) ^ load<u32>(at - 32) ^ load<u32>(at - 56) ^ load<u32>(at - 64);
    store<u32>(at, rotl<u32>(sum, 1));
  }
  let a = load<u32>(from);
  let b = load<u32>(from, 4);
  let c = load<u32>(from, 8);
  let d = load<u32>(from, 12);
  let e = load<u32>(from, 16);
  for (let round = 0; round < 80; round++) {
    const quarter = round / 20;
    const f = quarter == 0 ? d ^ (b & (c ^ d)) : quarter == 2 ? (b & c) | (d & (b | c)) : b ^ c ^ d;
    const constant = load<u32>(ROUND_CONSTANTS + (quarter << 4));
    const next = e + load<u32>(SCHEDULE + (round << 2)) + constant + f + rotl<u32>(a, 5);
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = next;
  }
  store<u32>(to, load<u32>(from) + a);
  store<u32>(to, load<u32>(from, 4) + b, 4);
  store<u32>(to, load<u32>(from, 8) + c, 8);
  store<u32>(to, load<u32>(from, 12) + d, 12);
  store<u32>(to, load<u32>(from, 16) + e, 16);
}

/** SHA-1 padding behind `length` octets of which 64 were hashed before (the key block); returns the blocks there are. */
export function pad(message: usize, length: i32): i32 {
  const blocks = (length + 72) >> 6;
  const end = message + (blocks << 6);
  clearTo(message + length, end);
  store<u8>(message + length, 0x80);
  store<u32>(end - 4, bswap<u32>((length + 64) << 3));
  return blocks;
}

/**
 * HMAC-SHA1 of `length` octets at `message` from the states at `inner` and `outer`, at RESULT with its most significant
 * octet first. What follows the message for up to 80 octets is overwritten by padding.
 */
export function hmac(inner: usize, outer: usize, message: usize, length: i32): void {
  const blocks = pad(message, length);
  compress(inner, message, OUTER_BLOCK);
  for (let at = 1; at < blocks; at++) compress(OUTER_BLOCK, message + (at << 6), OUTER_BLOCK);
  outerBlock(OUTER_BLOCK);
  compress(outer, OUTER_BLOCK, RESULT);
  for (let at: usize = 0; at < 20; at += 4) store<u32>(RESULT + at, bswap<u32>(load<u32>(RESULT + at)));
}

/** Makes of the state of the inner hash the block that the outer one runs over. */
export function outerBlock(block: usize): void {
  for (let at: usize = 0; at < 20; at += 4) store<u32>(block + at, bswap<u32>(load<u32>(block + at)));
  clearTo(block + 24, block + 64);
  store<u32>(block + 20, 0x80);
  store<u32>(block + 60, bswap<u32>((64 + 20) << 3));
}
