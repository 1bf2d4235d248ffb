/**
 * The constant tables of the kernel, derived here so that nobody has to believe a list of numbers. They serve look-ups
 * of nibbles within a vector register: `kernel/aes.ts` and `kernel/ghash.ts` use them, `kernel/layout.ts` says where
 * they lie.
 *
 * AES inverts in GF(2^8). The kernel does so in GF(16)[u] with u² = u + ζ, where an octet is i + k·u with i in its upper
 * and k in its lower nibble. Infinity, 1/0, is written 0x80: a look-up gives 0 for it, as 1/∞ should.
 *
 * @see M. Hamburg, "Accelerating AES with Vector Permute Instructions", CHES 2009
 */

const INFINITY = 0x80;
const nibbles = Array.from({ length: 16 }, (_, n) => n);

/** Product in GF(2^bits) modulo a polynomial with its leading bit. */
function product(left: number, right: number, bits: number, modulus: number): number {
  let result = 0;
  for (let bit = bits - 1; bit >= 0; bit--) {
    result <<= 1;
    if (result >> bits) result ^= modulus;
    if ((right >> bit) & 1) result ^= left;
  }
  return result;
}

/** GF(16) modulo x^4 + x + 1. */
const small = (left: number, right: number): number => product(left, right, 4, 0x13);
/** GF(2^8) as AES has it (FIPS 197 §4.2). */
const large = (left: number, right: number): number => product(left, right, 8, 0x11b);

function smallInverse(x: number): number {
  return nibbles.find((y) => small(x, y) === 1) ?? INFINITY;
}

/** The first ζ for which u² + u + ζ has no root in GF(16). */
const ZETA = nibbles.find((zeta) => nibbles.every((u) => (small(u, u) ^ u) !== zeta)) as number;

/** (i + k·u)(i' + k'·u), with u² = u + ζ. */
function towerProduct(left: number, right: number): number {
  const [i, k, otherI, otherK] = [left >> 4, left & 15, right >> 4, right & 15];
  const squares = small(k, otherK);
  const constant = small(i, otherI) ^ small(ZETA, squares);
  return (constant << 4) | (small(i, otherK) ^ small(k, otherI) ^ squares);
}

const ONE = 0x10;

/** A root in the tower of the polynomial of AES, x^8 + x^4 + x^3 + x + 1: it stands for x. */
const ROOT = Array.from({ length: 256 }, (_, n) => n).find((candidate) => {
  const powers = [ONE];
  for (let n = 1; n <= 8; n++) powers.push(towerProduct(powers[n - 1] as number, candidate));
  return [8, 4, 3, 1, 0].reduce((sum, n) => sum ^ (powers[n] as number), 0) === 0;
}) as number;

/** The images of the eight bits, least significant first. */
const images: number[] = [ONE];
for (let bit = 1; bit < 8; bit++) images.push(towerProduct(images[bit - 1] as number, ROOT));

function toTower(octet: number): number {
  return images.reduce((sum, image, bit) => sum ^ ((octet >> bit) & 1 ? image : 0), 0);
}

const fromTower: number[] = [];
for (let octet = 0; octet < 256; octet++) fromTower[toTower(octet)] = octet;

/** The linear part of SubBytes after the inverse (FIPS 197 §5.1.1); its constant 0x63 is in the round keys. */
function affine(octet: number): number {
  return [0, 1, 2, 3, 4].reduce((sum, turn) => sum ^ (((octet << turn) | (octet >> (8 - turn))) & 0xff), 0);
}

/**
 * The inverse of i + k·u is i' + k'·u with k' = p + q and i' = ζ·p + (1 + ζ)·q, where p = 1/(j + 1/(1/i + a/k)),
 * q = 1/(i + 1/(1/j + a/k)), j = i + k and a = 1/ζ. So each of p and q adds its part to the output by one look-up.
 */
function outputTables(finish: (octet: number) => number): [number[], number[]] {
  const part = (scale: number) =>
    nibbles.map((x) => {
      const inverse = smallInverse(x);
      if (inverse === INFINITY) return 0;
      return finish(affine(fromTower[(small(scale, inverse) << 4) | inverse] as number));
    });
  return [part(ZETA), part(1 ^ ZETA)];
}

/** Where octet 4·column + row comes from when rows shift (FIPS 197 §5.1.2), `below` rows further down. */
function shiftRows(below: number): number[] {
  return nibbles.map((at) => {
    const row = ((at & 3) + below) & 3;
    return (((at >> 2) + row) & 3) * 4 + row;
  });
}

/** What an octet beyond x^128 comes to: an octet's worth of bits, most significant first, times x^7 + x^2 + x + 1. */
function reduction(octet: number): number {
  const sixteen = octet << 8;
  return sixteen ^ (sixteen >> 1) ^ (sixteen >> 2) ^ (sixteen >> 7);
}

/** Of SHA-1 (FIPS 180-4 §4.2.1): 2^30 times the square roots of 2, 3, 5 and 10. */
const roundConstants = [2, 3, 5, 10].map((n) => Math.floor(Math.sqrt(n) * 2 ** 30));

/** All tables in the order of `kernel/layout.ts`. */
export function constantTables(): Uint8Array {
  const [once, doubled, last] = [
    outputTables(toTower),
    outputTables((octet) => toTower(large(octet, 2))),
    outputTables((octet) => octet),
  ];
  const tables = [
    nibbles.map(toTower),
    nibbles.map((n) => toTower(n << 4)),
    nibbles.map((k) => (k === 0 ? INFINITY : small(smallInverse(ZETA), smallInverse(k)))),
    nibbles.map(smallInverse),
    ...once,
    ...doubled,
    ...last,
    ...[0, 1, 2, 3].map(shiftRows),
    nibbles.map((at) => at ^ 3),
    nibbles.map((n) => reduction(n) >> 8),
    nibbles.map((n) => reduction(n << 4) >> 8),
    nibbles.map((n) => reduction(n) & 0xff),
    nibbles.map((n) => reduction(n << 4) & 0xff),
    nibbles.map(() => 0x0f),
    nibbles.map(() => 0),
    ...roundConstants.map((word) => nibbles.map((at) => (word >>> (8 * (at & 3))) & 0xff)),
  ];
  return Uint8Array.from(tables.flat());
}
