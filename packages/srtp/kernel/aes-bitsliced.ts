import { substitute } from './aes-sbox';
import { COUNTER, EXPANSION, LANE_BLOCKS, ROUNDS, SCHEDULE } from './layout';

// AES (FIPS 197) without vectors, in a time that depends on no secret: four blocks at once, cut into eight planes.
// Bit 16·block + 4·column + row of plane n is bit n of that octet.

/** The planes, and four blocks on their way in or out. */
const PLANES: usize = SCHEDULE;
const BLOCKS: usize = LANE_BLOCKS;

/** FIPS 197 §5.2; each round key is kept as planes, the same for all four blocks. */
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
  for (let at = 0; at <= rounds; at++) {
    for (let block: usize = 0; block < 64; block += 16) memory.copy(BLOCKS + block, EXPANSION + (at << 4), 16);
    cut();
    memory.copy(record + (at << 6), PLANES, 64);
  }
  memory.fill(EXPANSION, 0, 16 * (rounds + 1));
  wipe();
}

function subWord(word: u32): u32 {
  memory.fill(BLOCKS, 0, 64);
  store<u32>(BLOCKS, word);
  cut();
  substitute(PLANES);
  join();
  return load<u32>(BLOCKS);
}

export function encryptBlock(record: usize, from: usize, to: usize): void {
  memory.fill(BLOCKS, 0, 64);
  memory.copy(BLOCKS, from, 16);
  encryptFour(record);
  memory.copy(to, BLOCKS, 16);
  wipe();
}

/** Keystream of `blocks` blocks to `to`: the block at COUNTER, its last 32 bits counting from `counter` on. */
export function keystream(record: usize, to: usize, counter: u32, blocks: i32): void {
  for (; blocks > 0; blocks -= 4) {
    for (let block: usize = 0; block < 4; block++) {
      const at = BLOCKS + (block << 4);
      memory.copy(at, COUNTER, 12);
      store<u32>(at, load<u32>(COUNTER + 12) ^ bswap<u32>(counter + <u32>block), 12);
    }
    encryptFour(record);
    memory.copy(to, BLOCKS, min<i32>(blocks, 4) << 4);
    to += 64;
    counter += 4;
  }
  wipe();
}

function wipe(): void {
  memory.fill(PLANES, 0, 64);
  memory.fill(BLOCKS, 0, 64);
}

function encryptFour(record: usize): void {
  const rounds = load<i32>(record, ROUNDS);
  cut();
  addRoundKey(record);
  for (let at = 1; at < rounds; at++) {
    substitute(PLANES);
    shiftRows();
    mixColumns();
    addRoundKey(record + (at << 6));
  }
  substitute(PLANES);
  shiftRows();
  addRoundKey(record + (rounds << 6));
  join();
}

function addRoundKey(key: usize): void {
  for (let at: usize = 0; at < 64; at += 8) store<u64>(PLANES + at, load<u64>(PLANES + at) ^ load<u64>(key + at));
}

/** Row r of each block turns by r columns. */
function shiftRows(): void {
  for (let at: usize = PLANES; at < PLANES + 64; at += 8) {
    const x = load<u64>(at);
    const r1 = x & 0x2222222222222222;
    const r2 = x & 0x4444444444444444;
    const r3 = x & 0x8888888888888888;
    store<u64>(
      at,
      (x & 0x1111111111111111) |
        ((r1 >> 4) & 0x0222022202220222) |
        ((r1 << 12) & 0x2000200020002000) |
        ((r2 >> 8) & 0x0044004400440044) |
        ((r2 << 8) & 0x4400440044004400) |
        ((r3 >> 12) & 0x0008000800080008) |
        ((r3 << 4) & 0x8880888088808880),
    );
  }
}

/** The row below, in each column. */
// @ts-expect-error: decorator
@inline
function below(x: u64): u64 {
  return ((x >> 1) & 0x7777777777777777) | ((x << 3) & 0x8888888888888888);
}

// @ts-expect-error: decorator
@inline
function twoBelow(x: u64): u64 {
  return ((x >> 2) & 0x3333333333333333) | ((x << 2) & 0xcccccccccccccccc);
}

/** 2·s[r] + 3·s[r+1] + s[r+2] + s[r+3] = 2·(s[r] + s[r+1]) + s[r+1] + (s + below(s))[r+2]. */
function mixColumns(): void {
  // Doubling moves each plane up by one; the last one falls onto planes 0, 1, 3 and 4 (x^8 = x^4 + x^3 + x + 1).
  const last = load<u64>(PLANES, 56);
  const carry = last ^ below(last);
  let doubled = carry;
  for (let plane: usize = 0; plane < 8; plane++) {
    const at = PLANES + (plane << 3);
    const x = load<u64>(at);
    const next = below(x);
    const sum = x ^ next;
    store<u64>(at, doubled ^ next ^ twoBelow(sum));
    doubled = plane == 0 || plane == 2 || plane == 3 ? sum ^ carry : sum;
  }
}

/** Turns 8 octets into the 8 octets of their bits; its own inverse. */
// @ts-expect-error: decorator
@inline
function transpose(x: u64): u64 {
  let swap = (x ^ (x >> 7)) & 0x00aa00aa00aa00aa;
  x ^= swap ^ (swap << 7);
  swap = (x ^ (x >> 14)) & 0x0000cccc0000cccc;
  x ^= swap ^ (swap << 14);
  swap = (x ^ (x >> 28)) & 0x00000000f0f0f0f0;
  return x ^ swap ^ (swap << 28);
}

function cut(): void {
  for (let eight: usize = 0; eight < 8; eight++) {
    const bits = transpose(load<u64>(BLOCKS + (eight << 3)));
    for (let plane: usize = 0; plane < 8; plane++) store<u8>(PLANES + (plane << 3) + eight, <u8>(bits >> (plane << 3)));
  }
}

function join(): void {
  for (let eight: usize = 0; eight < 8; eight++) {
    let bits: u64 = 0;
    for (let plane: usize = 0; plane < 8; plane++) bits |= <u64>load<u8>(PLANES + (plane << 3) + eight) << (plane << 3);
    store<u64>(BLOCKS + (eight << 3), transpose(bits));
  }
}
