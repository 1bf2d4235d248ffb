import { readInt32, writeUint32 } from '../../src/octets.ts';
import type { HashOfBlocks } from '../timed-primitives.ts';

/** x^128 + x^7 + x^2 + x + 1, in the order of bits that GCM has. */
const polynomial = 0xe100_0000 | 0;

/**
 * GHASH with the multiplication of NIST SP 800-38D §6.3 (algorithm 1) word for word: a sum of multiples of one factor, one
 * for each bit of the other that is set.
 */
abstract class BitwiseGhash implements HashOfBlocks {
  readonly #key = new Int32Array(4);
  /** What was hashed so far: Y of §6.4. */
  readonly #state = new Int32Array(4);
  readonly #product = new Int32Array(4);

  setKey(key: Uint8Array): void {
    for (let word = 0; word < 4; word++) this.#key[word] = readInt32(key, 4 * word);
    this.#state.fill(0);
  }

  absorb(block: Uint8Array): void {
    const multiple = this.#state;
    const product = this.#product;
    for (let word = 0; word < 4; word++) {
      multiple[word] = (multiple[word] as number) ^ readInt32(block, 4 * word);
      product[word] = 0;
    }
    for (let bit = 0; bit < 128; bit++) {
      this.addIf(((this.#key[bit >> 5] as number) >>> (31 - (bit & 31))) & 1, product, multiple);
      this.addIf(halve(multiple), multiple, reduction);
    }
    multiple.set(product);
  }

  digest(): Uint8Array {
    const octets = new Uint8Array(16);
    for (let word = 0; word < 4; word++) writeUint32(octets, 4 * word, this.#state[word] as number);
    return octets;
  }

  /** Adds what is given to the sum when the bit is 1: how it decides is what is measured. */
  protected abstract addIf(bit: number, sum: Int32Array, added: Int32Array): void;
}

const reduction = Int32Array.of(polynomial, 0, 0, 0);

/** One position to the right. Returns the bit that fell out. */
function halve(words: Int32Array): number {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;
  words[0] = w0 >>> 1;
  words[1] = (w1 >>> 1) | (w0 << 31);
  words[2] = (w2 >>> 1) | (w1 << 31);
  words[3] = (w3 >>> 1) | (w2 << 31);
  return w3 & 1;
}

/** As one must not write it: with a branch for each bit of the secret. */
export class BranchingGhash extends BitwiseGhash {
  protected override addIf(bit: number, sum: Int32Array, added: Int32Array): void {
    if (bit === 1) for (let word = 0; word < 4; word++) sum[word] = (sum[word] as number) ^ (added[word] as number);
  }
}

/** The same with masks: what a test that sees the other must not see in this. */
export class MaskingGhash extends BitwiseGhash {
  protected override addIf(bit: number, sum: Int32Array, added: Int32Array): void {
    for (let word = 0; word < 4; word++) sum[word] = (sum[word] as number) ^ ((added[word] as number) & -bit);
  }
}
