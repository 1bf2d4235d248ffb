/** What the timing test can measure: the shapes that ours and its counterparts share. */

export interface BlockCipher {
  setKey(key: Uint8Array): void;
  encrypt(source: Uint8Array, target: Uint8Array): void;
}

/** GHASH of NIST SP 800-38D §6.4, block by block. */
export interface HashOfBlocks {
  /** Takes the hash key H, and begins. */
  setKey(key: Uint8Array): void;
  absorb(block: Uint8Array): void;
}
