import { encryptBlock as encryptPermuted, expandKey as expandPermuted, keystream as keystreamPermuted } from './aes';
import {
  encryptBlock as encryptSliced,
  expandKey as expandSliced,
  keystream as keystreamSliced,
} from './aes-bitsliced';
import { absorbBlocks as absorbPermuted, setHashKey as setPermuted } from './ghash';
import { absorbBlocks as absorbPlain, setHashKey as setPlain } from './ghash-plain';

// The one place that chooses between what needs 128-bit vectors and what does without. Both are constant-time.

export function expandKey(record: usize, key: usize, length: i32): void {
  if (ASC_FEATURE_SIMD) expandPermuted(record, key, length);
  else expandSliced(record, key, length);
}

export function encryptBlock(record: usize, from: usize, to: usize): void {
  if (ASC_FEATURE_SIMD) encryptPermuted(record, from, to);
  else encryptSliced(record, from, to);
}

/** Keystream of `blocks` blocks to `to`: the block at COUNTER, its last 32 bits counting from `counter` on. */
export function keystream(record: usize, to: usize, counter: u32, blocks: i32): void {
  if (ASC_FEATURE_SIMD) keystreamPermuted(record, to, counter, blocks);
  else keystreamSliced(record, to, counter, blocks);
}

export function setHashKey(record: usize, key: usize): void {
  if (ASC_FEATURE_SIMD) setPermuted(record, key);
  else setPlain(record, key);
}

/** value = (…((value + block)·H + block)·H …)·H over whole blocks. */
export function absorbBlocks(record: usize, value: usize, from: usize, blocks: i32): void {
  if (ASC_FEATURE_SIMD) absorbPermuted(record, value, from, blocks);
  else absorbPlain(record, value, from, blocks);
}
