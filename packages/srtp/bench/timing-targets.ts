/** What the timing test measures: makers for any comparison, cipher or hash, so that a new one is measured as the old ones. */
import { InputPair, type TimedOperation } from '@trustline/testing/timing';
import { equalInConstantTime } from '../src/octets.ts';
import { BranchingGhash, MaskingGhash } from './counterparts/bitwise-ghash.ts';
import { equalUntilDifference } from './counterparts/early-exit.ts';
import { TableAes } from './counterparts/table-aes.ts';
import type { BlockCipher, HashOfBlocks } from './timed-primitives.ts';

export interface TimingTarget extends TimedOperation {
  readonly name: string;
  /** A counterpart that must be told apart: a test that does not see it sees nothing. */
  readonly isLeaky: boolean;
}

interface Kind {
  readonly isLeaky?: boolean;
  readonly isCold?: boolean;
}

const block = 16;
/** The longest tag of SRTP, in octets. */
const tagLength = 16;

/** The tag that arrived differs in its last octet, or in its first. */
export function tagComparison(name: string, equal: typeof equalInConstantTime, kind: Kind = {}): TimingTarget {
  const tag = Uint8Array.from({ length: tagLength }, (_, at) => at * 17 + 3);
  const wrongAt = (at: number) => tag.with(at, (tag[at] as number) ^ 0x55);
  const arrived = new InputPair(wrongAt(tagLength - 1), wrongAt(0));
  let accepted = 0;
  return {
    name: `${name}: a tag wrong in its last octet, or in its first`,
    isLeaky: false,
    ...kind,
    prepare: (inputClass) => arrived.choose(inputClass),
    run() {
      if (equal(tag, 0, arrived.chosen, 0, tagLength)) accepted++;
      if (accepted > 0) throw new Error('a wrong tag was accepted');
    },
  };
}

/** A fixed key or a random one, and the same plaintext. */
export function encryptionByKey(name: string, cipher: BlockCipher, kind: Kind = {}): TimingTarget {
  const key = new InputPair(new Uint8Array(block));
  const plaintext = new Uint8Array(block);
  const ciphertext = new Uint8Array(block);
  return {
    name: `${name}: a fixed key, or random ones`,
    isLeaky: false,
    ...kind,
    prepare: (inputClass) => key.choose(inputClass),
    run() {
      cipher.setKey(key.chosen);
      cipher.encrypt(plaintext, ciphertext);
    },
  };
}

/** One key, and a plaintext that cancels it in the first round, so that all octets there are the same, or a random one. */
export function encryptionByPlaintext(name: string, cipher: BlockCipher, kind: Kind = {}): TimingTarget {
  const key = Uint8Array.from({ length: block }, (_, at) => at);
  const plaintext = new InputPair(key);
  const ciphertext = new Uint8Array(block);
  cipher.setKey(key);
  return {
    name: `${name}: a fixed plaintext, or random ones`,
    isLeaky: false,
    ...kind,
    prepare: (inputClass) => plaintext.choose(inputClass),
    run: () => cipher.encrypt(plaintext.chosen, ciphertext),
  };
}

/** A fixed hash key or a random one, and the same data. */
export function hashByKey(name: string, hash: HashOfBlocks, kind: Kind = {}): TimingTarget {
  const key = new InputPair(new Uint8Array(block));
  const data = Uint8Array.from({ length: block }, (_, at) => at * 31 + 7);
  return {
    name: `${name}: a fixed hash key, or random ones`,
    isLeaky: false,
    ...kind,
    prepare(inputClass) {
      key.choose(inputClass);
      hash.setKey(key.chosen);
    },
    run: () => hash.absorb(data),
  };
}

/** Ours, counterparts that do the same in a way that is known to leak, and the mended form of one of them. */
export const timingTargets: readonly TimingTarget[] = [
  tagComparison('equalInConstantTime', equalInConstantTime),
  tagComparison('equalInConstantTime, cold cache', equalInConstantTime, { isCold: true }),
  tagComparison('comparison that stops early', equalUntilDifference, { isLeaky: true }),
  encryptionByPlaintext('AES by tables, cold cache', new TableAes(), { isLeaky: true, isCold: true }),
  encryptionByKey('AES by tables, cold cache', new TableAes(), { isLeaky: true, isCold: true }),
  hashByKey('GHASH with a branch for each bit', new BranchingGhash(), { isLeaky: true }),
  hashByKey('GHASH with a mask for each bit', new MaskingGhash()),
  hashByKey('GHASH with a mask for each bit, cold cache', new MaskingGhash(), { isCold: true }),
];
