/** Payloads of codecs that compress so well that their octets are as even as those of a cipher, but for the form of their frames. */
import { SeededRandom } from '@trustline/testing';

/** Frames of 10 ms with the parity of their pitch delay (ITU-T G.729 §3.7.2). */
export function g729(packets: number, framesOfPacket = 2, seed = 3): Uint8Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: packets }, () => {
    const octets = random.bytes(10 * framesOfPacket);
    for (let at = 0; at < octets.byteLength; at += 10) {
      const bits = ((octets[at + 2] ?? 0) & 0x3f).toString(2).replaceAll('0', '').length;
      octets[at + 3] = ((octets[at + 3] ?? 0) & ~0x20) | (bits % 2 === 0 ? 0x20 : 0);
    }
    return octets;
  });
}

/** Frames that begin with the signature of GSM full rate (RFC 3551 §4.5.8). */
export function gsm(packets: number, seed = 3): Uint8Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: packets }, () => {
    const octets = random.bytes(33);
    octets[0] = 0xd0 | ((octets[0] ?? 0) & 0x0f);
    return octets;
  });
}

/** Packets of 20 ms and of any length, each with the table of contents that hybrid Opus begins with (RFC 6716 §3.1). */
export function opus(packets: number, seed = 3): Uint8Array[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: packets }, (_, at) => {
    const octets = random.bytes(40 + (at % 30));
    octets[0] = 0x78;
    return octets;
  });
}
