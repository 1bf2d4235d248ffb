import { authenticate, counterModeIv, counterModeProtect, crypt } from './counter-mode';
import { galoisCrypt, galoisIv, galoisTag } from './galois';
import { cryptJob, authenticateFour, authenticateJob } from './jobs';
import { COUNTER, GCM_KEY_RECORD, HEAP, INNER, KEY_RECORD, OUTER, RESULT, SALT, TAIL } from './layout';
import { clearTo } from './octets';
import { absorbBlocks, encryptBlock, expandKey, keystream, setHashKey } from './primitives';
import { compress, hmac, initialize } from './sha1';

// The entry of the kernel: what the host calls. It trusts the host with every address and length.

export { authenticate, counterModeProtect, crypt, cryptJob, encryptBlock, galoisCrypt, galoisTag, authenticateJob };

export function heapBase(): usize {
  return HEAP;
}

/** Octets of a key record. */
export function keyRecordLength(withHashKey: i32): usize {
  return withHashKey ? GCM_KEY_RECORD : KEY_RECORD;
}

/** Where digests and tags are left. */
export function resultAddress(): usize {
  return RESULT;
}

export function setCipherKey(record: usize, key: usize, length: i32): void {
  expandKey(record, key, length);
}

/** Writes the salt, padded with zeros to 16 octets. */
export function setSalt(record: usize, salt: usize): void {
  memory.copy(record + SALT, salt, 16);
}

/** Keeps the states after the key blocks (RFC 2104 §4); `block` is the key padded with zeros to 64 octets, and is used up. */
export function setAuthenticationKey(record: usize, block: usize): void {
  initialize(RESULT);
  for (let at: usize = 0; at < 64; at += 4) store<u32>(block + at, load<u32>(block + at) ^ 0x36363636);
  compress(RESULT, block, record + INNER);
  for (let at: usize = 0; at < 64; at += 4) store<u32>(block + at, load<u32>(block + at) ^ 0x6a6a6a6a);
  compress(RESULT, block, record + OUTER);
  memory.fill(block, 0, 64);
}

/** The hash key of AES-GCM is the block of zeros, encrypted (NIST SP 800-38D §7.1). */
export function deriveHashKey(record: usize): void {
  clearTo(TAIL, TAIL + 16);
  encryptBlock(record, TAIL, TAIL);
  setHashKey(record, TAIL);
  clearTo(TAIL, TAIL + 16);
}

/** HMAC-SHA1 at RESULT; up to 80 octets behind the message are overwritten. */
export function hmacSha1(record: usize, message: usize, length: i32): void {
  hmac(record + INNER, record + OUTER, message, length);
}

/** Keystream of `blocks` blocks to `to` from the counter block at `iv` on, whose last 32 bits count. */
export function counterKeystream(record: usize, iv: usize, to: usize, blocks: i32): void {
  memory.copy(COUNTER, iv, 12);
  store<u32>(COUNTER + 12, 0);
  const start = bswap<u32>(load<u32>(iv, 12));
  keystream(record, to, start, blocks);
}

/** The counter blocks of `packets` packets of consecutive indices, `blocks` of each, for a cipher of the host's. */
export function counterBlocks(
  record: usize,
  galois: i32,
  ssrc: u32,
  upper: u32,
  lower: u32,
  packets: i32,
  blocks: i32,
  to: usize,
): void {
  for (let packet = 0; packet < packets; packet++) {
    if (galois) galoisIv(record, ssrc, upper, lower, COUNTER);
    else counterModeIv(record, ssrc, upper, lower, COUNTER);
    const high = load<u64>(COUNTER);
    const third = load<u32>(COUNTER + 8);
    const last = load<u32>(COUNTER + 12);
    for (let block = 0; block < blocks; block++) {
      store<u64>(to, high);
      store<u32>(to, third, 8);
      store<u32>(to, last ^ bswap<u32>(block + galois), 12);
      to += 16;
    }
    lower = (lower + 1) & 0xffff;
    if (lower == 0) upper++;
  }
}

/** GHASH of whole blocks under the key of the record, for tests and measurements; the value is at RESULT. */
export function ghash(record: usize, from: usize, blocks: i32): void {
  clearTo(RESULT, RESULT + 16);
  absorbBlocks(record, RESULT, from, blocks);
}

/** Whether packets can go side by side, four at a time. */
export function lanes(): i32 {
  return ASC_FEATURE_SIMD ? 4 : 1;
}

/** The digests of four jobs side by side. */
export function authenticateLanes(j0: usize, j1: usize, j2: usize, j3: usize): void {
  if (ASC_FEATURE_SIMD) authenticateFour(j0, j1, j2, j3);
}
