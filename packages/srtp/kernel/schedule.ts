import { ZERO } from './layout';

// The message schedule of SHA-1 (FIPS 180-4 §6.1.2), four words in one vector.

/** Words 16 to 31: rotl(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16], 1); the last lane needs the first, added afterwards. */
// @ts-expect-error: decorator
@inline
export function near(w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const zero = v128.load(ZERO);
  const known = v128.xor(
    v128.xor(v128.shuffle<i32>(w3, zero, 1, 2, 3, 4), w2),
    v128.xor(v128.shuffle<i32>(w0, w1, 2, 3, 4, 5), w0),
  );
  const rotated = rotateLeft(known, 1);
  return v128.xor(rotated, rotateLeft(v128.shuffle<i32>(zero, rotated, 0, 1, 2, 4), 1));
}

/** From word 32 on: rotl(w[t-6] ^ w[t-16] ^ w[t-28] ^ w[t-32], 2), where no lane waits for another. */
// @ts-expect-error: decorator
@inline
export function far(before2: v128, before1: v128, sixteen: v128, twentyEight: v128, thirtyTwo: v128): v128 {
  const six = v128.shuffle<i32>(before2, before1, 2, 3, 4, 5);
  return rotateLeft(v128.xor(v128.xor(sixteen, twentyEight), v128.xor(six, thirtyTwo)), 2);
}

// @ts-expect-error: decorator
@inline
export function rotateLeft(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}
