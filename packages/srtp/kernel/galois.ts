import { cryptFrom } from './counter-mode';
import { COUNTER, HASH_KEY, PIECE, RESULT, SALT, TAIL } from './layout';
import { clearTo, xorAndClear } from './octets';
import { absorbBlocks, keystream } from './primitives';

// AES-GCM (NIST SP 800-38D) as RFC 7714 uses it: 12 octets of IV, a tag of 16.

/** IV = salt XOR (00 00 ‖ SSRC ‖ index), RFC 7714 §8.1 and §9.1; followed by room for the block counter. */
export function galoisIv(record: usize, ssrc: u32, upper: u32, lower: u32, to: usize): void {
  const salt = record + SALT;
  store<u32>(to, load<u32>(salt));
  store<u32>(to, load<u32>(salt, 4), 4);
  store<u32>(to, load<u32>(salt, 8), 8);
  store<u32>(to, 0, 12);
  store<u32>(to + 2, load<u32>(to + 2) ^ bswap<u32>(ssrc));
  store<u32>(to + 6, load<u32>(to + 6) ^ bswap<u32>(upper));
  store<u16>(to + 10, load<u16>(to + 10) ^ bswap<u16>(<u16>lower));
}

/** Encrypts `packet[clear, end)` in place. `prepared` begins with the block that masks the tag. */
export function galoisCrypt(
  record: usize,
  packet: usize,
  clear: i32,
  end: i32,
  prepared: usize,
  ssrc: u32,
  upper: u32,
  lower: u32,
): void {
  if (prepared != 0) {
    xorAndClear(packet + clear, prepared + 16, end - clear);
    return;
  }
  galoisIv(record, ssrc, upper, lower, COUNTER);
  cryptFrom(record, packet + clear, end - clear, 2);
}

/**
 * The tag, at RESULT and behind the packet, over `packet[0, clear)`, with `trailer` behind it where `hasTrailer` (SRTCP, RFC 7714 §9.2), and
 * the ciphertext `packet[clear, end)`. The mask is the first block at `prepared`, which stays, or is made here.
 */
export function galoisTag(
  record: usize,
  packet: usize,
  clear: i32,
  end: i32,
  prepared: usize,
  ssrc: u32,
  upper: u32,
  lower: u32,
  hasTrailer: i32,
  trailer: u32,
): void {
  clearTo(RESULT, RESULT + 16);
  absorbBlocks(record, RESULT, packet, clear >> 4);
  const rest = clear & 15;
  if (rest > 0 || hasTrailer) {
    clearTo(TAIL, TAIL + 32);
    copyShort(TAIL, packet + clear - rest, rest);
    if (hasTrailer) store<u32>(TAIL + rest, bswap<u32>(trailer));
    absorbBlocks(record, RESULT, TAIL, rest + (hasTrailer ? 4 : 0) > 16 ? 2 : 1);
  }
  const length = end - clear;
  absorbBlocks(record, RESULT, packet + clear, length >> 4);
  if (length & 15) {
    clearTo(TAIL, TAIL + 16);
    copyShort(TAIL, packet + end - (length & 15), length & 15);
    absorbBlocks(record, RESULT, TAIL, 1);
  }
  store<u64>(TAIL, bswap<u64>((<u64>(clear + (hasTrailer ? 4 : 0))) << 3));
  store<u64>(TAIL, bswap<u64>((<u64>length) << 3), 8);
  absorbBlocks(record, RESULT, TAIL, 1);
  let mask = prepared;
  if (mask == 0) {
    galoisIv(record, ssrc, upper, lower, COUNTER);
    keystream(record, PIECE, 1, 1);
    mask = PIECE;
  }
  store<u64>(RESULT, load<u64>(RESULT) ^ load<u64>(mask));
  store<u64>(RESULT, load<u64>(RESULT, 8) ^ load<u64>(mask, 8), 8);
  if (prepared == 0) clearTo(PIECE, PIECE + 16);
  store<u64>(packet + end, load<u64>(RESULT));
  store<u64>(packet + end, load<u64>(RESULT, 8), 8);
}

function copyShort(to: usize, from: usize, length: i32): void {
  for (let at = 0; at < length; at++) store<u8>(to + at, load<u8>(from + at));
}
