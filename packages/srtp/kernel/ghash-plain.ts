import { HASH_KEY } from './layout';

// GHASH without vectors, in a time that depends on no secret: carry-less products by integer multiplication of words
// whose bits stand four apart, so that carries fall into the holes. After T. Pornin, "Constant-Time Crypto" (BearSSL).

/** The record keeps the hash key as two words. */
export function setHashKey(record: usize, key: usize): void {
  const high = bswap<u64>(load<u64>(key));
  const low = bswap<u64>(load<u64>(key, 8));
  store<u64>(record, high, HASH_KEY);
  store<u64>(record, low, HASH_KEY + 8);
}

export function absorbBlocks(record: usize, value: usize, from: usize, blocks: i32): void {
  const h1 = load<u64>(record, HASH_KEY);
  const h0 = load<u64>(record, HASH_KEY + 8);
  const h2 = h0 ^ h1;
  const h0r = reversed(h0);
  const h1r = reversed(h1);
  const h2r = h0r ^ h1r;
  let y1 = bswap<u64>(load<u64>(value));
  let y0 = bswap<u64>(load<u64>(value, 8));
  for (; blocks > 0; blocks--) {
    y1 ^= bswap<u64>(load<u64>(from));
    y0 ^= bswap<u64>(load<u64>(from, 8));
    from += 16;
    const y0r = reversed(y0);
    const y1r = reversed(y1);
    const y2 = y0 ^ y1;
    const y2r = y0r ^ y1r;
    // Karatsuba; the upper half of a product is the reversed lower half of the product of the reversed.
    const z0 = product(y0, h0);
    const z1 = product(y1, h1);
    const z2 = product(y2, h2) ^ z0 ^ z1;
    const u0 = product(y0r, h0r);
    const u1 = product(y1r, h1r);
    const u2 = product(y2r, h2r) ^ u0 ^ u1;
    const z0h = reversed(u0) >> 1;
    const z1h = reversed(u1) >> 1;
    const z2h = reversed(u2) >> 1;
    let v0 = z0;
    let v1 = z0h ^ z2;
    let v2 = z1 ^ z2h;
    let v3 = z1h;
    // The bits of GHASH are reversed, so the product is one short.
    v3 = (v3 << 1) | (v2 >> 63);
    v2 = (v2 << 1) | (v1 >> 63);
    v1 = (v1 << 1) | (v0 >> 63);
    v0 = v0 << 1;
    v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
    v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
    v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
    v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
    y0 = v2;
    y1 = v3;
  }
  store<u64>(value, bswap<u64>(y1));
  store<u64>(value, bswap<u64>(y0), 8);
}

/** The lower 64 bits of the carry-less product. */
function product(x: u64, y: u64): u64 {
  const x0 = x & 0x1111111111111111;
  const x1 = x & 0x2222222222222222;
  const x2 = x & 0x4444444444444444;
  const x3 = x & 0x8888888888888888;
  const y0 = y & 0x1111111111111111;
  const y1 = y & 0x2222222222222222;
  const y2 = y & 0x4444444444444444;
  const y3 = y & 0x8888888888888888;
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
  return (z0 & 0x1111111111111111) | (z1 & 0x2222222222222222) | (z2 & 0x4444444444444444) | (z3 & 0x8888888888888888);
}

function reversed(x: u64): u64 {
  x = ((x & 0x5555555555555555) << 1) | ((x >> 1) & 0x5555555555555555);
  x = ((x & 0x3333333333333333) << 2) | ((x >> 2) & 0x3333333333333333);
  x = ((x & 0x0f0f0f0f0f0f0f0f) << 4) | ((x >> 4) & 0x0f0f0f0f0f0f0f0f);
  return bswap<u64>(x);
}
