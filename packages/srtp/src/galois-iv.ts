import { writeUint32, writeUint48, xorInto } from './octets.ts';

/** IV = salt XOR (00 00 ‖ SSRC ‖ index), RFC 7714 §8.1; for SRTCP the index has 31 bits (§9.1). 12 octets. */
export function writeGaloisIv(iv: Uint8Array, salt: Uint8Array, ssrc: number, index: number): void {
  iv.fill(0);
  writeUint32(iv, 2, ssrc);
  writeUint48(iv, 6, index);
  xorInto(iv, 0, salt);
}
