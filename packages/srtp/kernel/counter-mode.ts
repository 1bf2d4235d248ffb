import { COUNTER, INNER, OUTER, PIECE, PIECE_BLOCKS, RESULT, SALT } from './layout';
import { xorAndClear } from './octets';
import { keystream } from './primitives';
import { hmac } from './sha1';

// AES in counter mode with HMAC-SHA1 over whole packets (RFC 3711 §4.1.1, §4.2.1). An index is given as its upper 32
// bits (for SRTP the rollover counter) and its lower 16 (the sequence number).

/** IV = (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16), RFC 3711 §4.1.1. */
export function counterModeIv(record: usize, ssrc: u32, upper: u32, lower: u32, to: usize): void {
  const salt = record + SALT;
  store<u32>(to, load<u32>(salt));
  store<u32>(to, load<u32>(salt, 4) ^ bswap<u32>(ssrc), 4);
  store<u32>(to, load<u32>(salt, 8) ^ bswap<u32>(upper), 8);
  store<u32>(to, (load<u32>(salt, 12) & 0xffff) ^ (bswap<u32>(lower) >>> 16), 12);
}

/** Encrypts or decrypts in place: with the keystream at `prepared`, which is used up, or with one made here. */
export function crypt(record: usize, at: usize, length: i32, prepared: usize, ssrc: u32, upper: u32, lower: u32): void {
  if (length <= 0) return;
  if (prepared != 0) {
    xorAndClear(at, prepared, length);
    return;
  }
  counterModeIv(record, ssrc, upper, lower, COUNTER);
  cryptFrom(record, at, length, 0);
}

/** The same with the keystream that follows from COUNTER, from block `counter` on. */
export function cryptFrom(record: usize, at: usize, length: i32, counter: u32): void {
  while (length > 0) {
    const blocks = min<i32>((length + 15) >> 4, PIECE_BLOCKS);
    keystream(record, PIECE, counter, blocks);
    xorAndClear(at, PIECE, min<i32>(length, blocks << 4));
    at += blocks << 4;
    length -= blocks << 4;
    counter += blocks;
  }
}

/** The digest of `packet[0, length)` and `trailer`, at RESULT with its most significant octet first, and behind the packet. */
export function authenticate(record: usize, packet: usize, length: i32, trailer: u32): void {
  store<u32>(packet + length, bswap<u32>(trailer));
  hmac(record + INNER, record + OUTER, packet, length + 4);
  store<u64>(packet + length, load<u64>(RESULT));
  store<u64>(packet + length, load<u64>(RESULT, 8), 8);
  store<u32>(packet + length, load<u32>(RESULT, 16), 16);
}

/** Encrypts `packet[clear, end)` in place; the digest of `packet[0, end)` and `trailer` is behind it then. */
export function counterModeProtect(
  record: usize,
  packet: usize,
  clear: i32,
  end: i32,
  prepared: usize,
  ssrc: u32,
  upper: u32,
  lower: u32,
  trailer: u32,
): void {
  crypt(record, packet + clear, end - clear, prepared, ssrc, upper, lower);
  authenticate(record, packet, end, trailer);
}
