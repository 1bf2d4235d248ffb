import {
  COUNTER,
  DOUBLED_SUB_I,
  DOUBLED_SUB_J,
  EXPANSION,
  INVERSE,
  LAST_SUB_I,
  LAST_SUB_J,
  LOW_NIBBLES,
  ROUNDS,
  SCALED_INVERSE,
  SHIFT_ROWS,
  SHIFT_ROWS_NEXT_1,
  SHIFT_ROWS_NEXT_2,
  SHIFT_ROWS_NEXT_3,
  SUB_I,
  SUB_J,
  TO_TOWER_HIGH,
  TO_TOWER_LOW,
} from './layout';

// AES (FIPS 197) by vector permutation, after M. Hamburg, "Accelerating AES with Vector Permute Instructions" (CHES
// 2009). Every table look-up is a permutation within a register, so the time depends on no secret. Between the first
// and the last round each octet stands in the basis i + k·u of GF(16)[u], where the inverse takes five look-ups of
// nibbles; `src/wasm/aes-tables.ts` derives the tables.

/** Look-ups yield 0 where the index has its top bit set, which is how infinity (1/0) is written. */
// @ts-expect-error: decorator
@inline
export function look(table: v128, index: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(table, index) : i8x16.swizzle(table, index);
}

// @ts-expect-error: decorator
@inline
export function highNibbles(x: v128): v128 {
  return v128.and(i32x4.shr_u(x, 4), v128.load(LOW_NIBBLES));
}

// @ts-expect-error: decorator
@inline
function toTower(x: v128): v128 {
  return v128.xor(
    look(v128.load(TO_TOWER_LOW), v128.and(x, v128.load(LOW_NIBBLES))),
    look(v128.load(TO_TOWER_HIGH), highNibbles(x)),
  );
}

// With x = i + k·u and j = i + k, the two values whose inverses the output is linear in:
// j + 1/(1/i + a/k) and i + 1/(1/j + a/k).

// @ts-expect-error: decorator
@inline
function first(i: v128, j: v128, scaled: v128, inverse: v128): v128 {
  return v128.xor(j, look(inverse, v128.xor(look(inverse, i), scaled)));
}

// @ts-expect-error: decorator
@inline
function round(x: v128, key: v128): v128 {
  const inverse = v128.load(INVERSE);
  const k = v128.and(x, v128.load(LOW_NIBBLES));
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const scaled = look(v128.load(SCALED_INVERSE), k);
  const p = first(i, j, scaled, inverse);
  const q = first(j, i, scaled, inverse);
  const once = v128.xor(look(v128.load(SUB_I), p), look(v128.load(SUB_J), q));
  const twice = v128.xor(look(v128.load(DOUBLED_SUB_I), p), look(v128.load(DOUBLED_SUB_J), q));
  // MixColumns on shifted rows: 2·s[r] + 3·s[r+1] + s[r+2] + s[r+3]
  const left = v128.xor(
    look(twice, v128.load(SHIFT_ROWS)),
    look(v128.xor(once, twice), v128.load(SHIFT_ROWS_NEXT_1)),
  );
  const right = v128.xor(look(once, v128.load(SHIFT_ROWS_NEXT_2)), look(once, v128.load(SHIFT_ROWS_NEXT_3)));
  return v128.xor(v128.xor(left, key), right);
}

/** SubBytes without its constant 0x63, back in the usual basis. */
// @ts-expect-error: decorator
@inline
function lastSub(x: v128): v128 {
  const inverse = v128.load(INVERSE);
  const k = v128.and(x, v128.load(LOW_NIBBLES));
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const scaled = look(v128.load(SCALED_INVERSE), k);
  const p = first(i, j, scaled, inverse);
  const q = first(j, i, scaled, inverse);
  return v128.xor(look(v128.load(LAST_SUB_I), p), look(v128.load(LAST_SUB_J), q));
}

// @ts-expect-error: decorator
@inline
function lastRound(x: v128, key: v128): v128 {
  return v128.xor(look(lastSub(x), v128.load(SHIFT_ROWS)), key);
}

/** FIPS 197 §5.2, with the constant 0x63 of SubBytes moved into the round keys and all but two of them in the tower. */
export function expandKey(record: usize, key: usize, length: i32): void {
  const words = length >> 2;
  const rounds = words + 6;
  store<i32>(record, rounds, ROUNDS);
  memory.copy(EXPANSION, key, length);
  let constant: u32 = 1;
  for (let at = words; at < 4 * (rounds + 1); at++) {
    let word = load<u32>(EXPANSION + ((at - 1) << 2));
    if (at % words == 0) {
      word = subWord(rotr<u32>(word, 8)) ^ constant;
      constant = (constant << 1) ^ ((constant >> 7) * 0x11b);
    } else if (words > 6 && at % words == 4) {
      word = subWord(word);
    }
    store<u32>(EXPANSION + (at << 2), load<u32>(EXPANSION + ((at - words) << 2)) ^ word);
  }
  const constants = i8x16.splat(0x63);
  v128.store(record, v128.load(EXPANSION));
  for (let at = 1; at < rounds; at++) {
    v128.store(record + (at << 4), toTower(v128.xor(v128.load(EXPANSION + (at << 4)), constants)));
  }
  v128.store(record + (rounds << 4), v128.xor(v128.load(EXPANSION + (rounds << 4)), constants));
  memory.fill(EXPANSION, 0, 16 * (rounds + 1));
}

function subWord(word: u32): u32 {
  return i32x4.extract_lane(lastSub(toTower(i32x4.splat(word))), 0) ^ 0x63636363;
}

export function encryptBlock(record: usize, from: usize, to: usize): void {
  const rounds = load<i32>(record, ROUNDS);
  let x = toTower(v128.xor(v128.load(from), v128.load(record)));
  for (let at = 1; at < rounds; at++) x = round(x, v128.load(record + (at << 4)));
  v128.store(to, lastRound(x, v128.load(record + (rounds << 4))));
}

/** Keystream of `blocks` blocks to `to`: the block at COUNTER, its last 32 bits counting from `counter` on. */
export function keystream(record: usize, to: usize, counter: u32, blocks: i32): void {
  const rounds = load<i32>(record, ROUNDS);
  const whitening = v128.xor(v128.load(COUNTER), v128.load(record));
  const base = load<u32>(COUNTER + 12) ^ load<u32>(record + 12);
  // Five at a time: a round of one block does not wait for that of the others. G.711 at 20 ms has twice five.
  while (blocks >= 5) {
    let a = counterBlock(whitening, base, counter);
    let b = counterBlock(whitening, base, counter + 1);
    let c = counterBlock(whitening, base, counter + 2);
    let d = counterBlock(whitening, base, counter + 3);
    let e = counterBlock(whitening, base, counter + 4);
    for (let at = 1; at < rounds; at++) {
      const key = v128.load(record + (at << 4));
      a = round(a, key);
      b = round(b, key);
      c = round(c, key);
      d = round(d, key);
      e = round(e, key);
    }
    const key = v128.load(record + (rounds << 4));
    v128.store(to, lastRound(a, key));
    v128.store(to, lastRound(b, key), 16);
    v128.store(to, lastRound(c, key), 32);
    v128.store(to, lastRound(d, key), 48);
    v128.store(to, lastRound(e, key), 64);
    to += 80;
    counter += 5;
    blocks -= 5;
  }
  while (blocks > 0) {
    let x = counterBlock(whitening, base, counter);
    for (let at = 1; at < rounds; at++) x = round(x, v128.load(record + (at << 4)));
    v128.store(to, lastRound(x, v128.load(record + (rounds << 4))));
    to += 16;
    counter++;
    blocks--;
  }
}

/** `base` is the whitened last word without a count, which stands there with its most significant octet first. */
// @ts-expect-error: decorator
@inline
function counterBlock(whitening: v128, base: u32, counter: u32): v128 {
  return toTower(i32x4.replace_lane(whitening, 3, base ^ bswap<u32>(counter)));
}
