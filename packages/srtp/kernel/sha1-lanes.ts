import { look } from './aes';
import { REVERSE_WORDS, ROUND_CONSTANTS, SCHEDULE } from './layout';
import { rotateLeft } from './schedule';

// SHA-1 (FIPS 180-4 §6.1) over four messages side by side, one in each lane of a vector.

/**
 * The state `to` = the state `from` after one block of each lane; a lane that `running` leaves out keeps its own. A
 * state is five vectors, word after word.
 */
export function compressLanes(from: usize, b0: usize, b1: usize, b2: usize, b3: usize, running: v128, to: usize): void {
  gather(b0, b1, b2, b3);
  const a0 = v128.load(from);
  const c0 = v128.load(from, 32);
  const b0_ = v128.load(from, 16);
  const d0 = v128.load(from, 48);
  const e0 = v128.load(from, 64);
  let a = a0;
  let b = b0_;
  let c = c0;
  let d = d0;
  let e = e0;
  let w = SCHEDULE;
  let k = v128.load(ROUND_CONSTANTS);
  for (; w < SCHEDULE + 320; w += 80) {
    extend(w);
    e = i32x4.add(sum(e, w, k, v128.bitselect(c, d, b)), rotateLeft(a, 5));
    b = rotateLeft(b, 30);
    extend(w + 16);
    d = i32x4.add(sum(d, w + 16, k, v128.bitselect(b, c, a)), rotateLeft(e, 5));
    a = rotateLeft(a, 30);
    extend(w + 32);
    c = i32x4.add(sum(c, w + 32, k, v128.bitselect(a, b, e)), rotateLeft(d, 5));
    e = rotateLeft(e, 30);
    extend(w + 48);
    b = i32x4.add(sum(b, w + 48, k, v128.bitselect(e, a, d)), rotateLeft(c, 5));
    d = rotateLeft(d, 30);
    extend(w + 64);
    a = i32x4.add(sum(a, w + 64, k, v128.bitselect(d, e, c)), rotateLeft(b, 5));
    c = rotateLeft(c, 30);
  }
  k = v128.load(ROUND_CONSTANTS, 16);
  for (; w < SCHEDULE + 640; w += 80) {
    extend(w);
    e = i32x4.add(sum(e, w, k, parity(b, c, d)), rotateLeft(a, 5));
    b = rotateLeft(b, 30);
    extend(w + 16);
    d = i32x4.add(sum(d, w + 16, k, parity(a, b, c)), rotateLeft(e, 5));
    a = rotateLeft(a, 30);
    extend(w + 32);
    c = i32x4.add(sum(c, w + 32, k, parity(e, a, b)), rotateLeft(d, 5));
    e = rotateLeft(e, 30);
    extend(w + 48);
    b = i32x4.add(sum(b, w + 48, k, parity(d, e, a)), rotateLeft(c, 5));
    d = rotateLeft(d, 30);
    extend(w + 64);
    a = i32x4.add(sum(a, w + 64, k, parity(c, d, e)), rotateLeft(b, 5));
    c = rotateLeft(c, 30);
  }
  k = v128.load(ROUND_CONSTANTS, 32);
  for (; w < SCHEDULE + 960; w += 80) {
    extend(w);
    e = i32x4.add(sum(e, w, k, majority(b, c, d)), rotateLeft(a, 5));
    b = rotateLeft(b, 30);
    extend(w + 16);
    d = i32x4.add(sum(d, w + 16, k, majority(a, b, c)), rotateLeft(e, 5));
    a = rotateLeft(a, 30);
    extend(w + 32);
    c = i32x4.add(sum(c, w + 32, k, majority(e, a, b)), rotateLeft(d, 5));
    e = rotateLeft(e, 30);
    extend(w + 48);
    b = i32x4.add(sum(b, w + 48, k, majority(d, e, a)), rotateLeft(c, 5));
    d = rotateLeft(d, 30);
    extend(w + 64);
    a = i32x4.add(sum(a, w + 64, k, majority(c, d, e)), rotateLeft(b, 5));
    c = rotateLeft(c, 30);
  }
  for (let last = w; last < w + 64; last += 16) extend(last);
  k = v128.load(ROUND_CONSTANTS, 48);
  for (; w < SCHEDULE + 1280; w += 80) {
    e = i32x4.add(sum(e, w, k, parity(b, c, d)), rotateLeft(a, 5));
    b = rotateLeft(b, 30);
    d = i32x4.add(sum(d, w + 16, k, parity(a, b, c)), rotateLeft(e, 5));
    a = rotateLeft(a, 30);
    c = i32x4.add(sum(c, w + 32, k, parity(e, a, b)), rotateLeft(d, 5));
    e = rotateLeft(e, 30);
    b = i32x4.add(sum(b, w + 48, k, parity(d, e, a)), rotateLeft(c, 5));
    d = rotateLeft(d, 30);
    a = i32x4.add(sum(a, w + 64, k, parity(c, d, e)), rotateLeft(b, 5));
    c = rotateLeft(c, 30);
  }
  v128.store(to, v128.bitselect(i32x4.add(a0, a), a0, running));
  v128.store(to, v128.bitselect(i32x4.add(b0_, b), b0_, running), 16);
  v128.store(to, v128.bitselect(i32x4.add(c0, c), c0, running), 32);
  v128.store(to, v128.bitselect(i32x4.add(d0, d), d0, running), 48);
  v128.store(to, v128.bitselect(i32x4.add(e0, e), e0, running), 64);
}

// @ts-expect-error: decorator
@inline
function sum(word: v128, w: usize, k: v128, f: v128): v128 {
  return i32x4.add(i32x4.add(word, i32x4.add(v128.load(w), k)), f);
}

// @ts-expect-error: decorator
@inline
function parity(x: v128, y: v128, z: v128): v128 {
  return v128.xor(v128.xor(x, y), z);
}

// @ts-expect-error: decorator
@inline
function majority(x: v128, y: v128, z: v128): v128 {
  return v128.bitselect(z, x, v128.xor(x, y));
}

/** The 16 words of four blocks to SCHEDULE, the same word of all lanes in one vector. */
function gather(b0: usize, b1: usize, b2: usize, b3: usize): void {
  const reverse = v128.load(REVERSE_WORDS);
  for (let at: usize = 0; at < 64; at += 16) {
    const w0 = look(v128.load(b0 + at), reverse);
    const w1 = look(v128.load(b1 + at), reverse);
    const w2 = look(v128.load(b2 + at), reverse);
    const w3 = look(v128.load(b3 + at), reverse);
    const low01 = v128.shuffle<i32>(w0, w1, 0, 4, 1, 5);
    const low23 = v128.shuffle<i32>(w2, w3, 0, 4, 1, 5);
    const high01 = v128.shuffle<i32>(w0, w1, 2, 6, 3, 7);
    const high23 = v128.shuffle<i32>(w2, w3, 2, 6, 3, 7);
    const to = SCHEDULE + (at << 2);
    v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 16);
    v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 32);
    v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 48);
  }
}

/**
 * The word of the schedule that stands sixteen behind `w`. Made while the rounds go on, since each waits for one that
 * was made three before it.
 */
// @ts-expect-error: decorator
@inline
function extend(w: usize): void {
  const x = v128.xor(v128.xor(v128.load(w), v128.load(w, 32)), v128.xor(v128.load(w, 128), v128.load(w, 208)));
  v128.store(w, rotateLeft(x, 1), 256);
}
