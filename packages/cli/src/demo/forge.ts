import { RTP_HEADER_LENGTH } from '@trustline/rtp';

/**
 * Forges the packets that would come next: the header is that of the real sender, with sequence number and timestamp
 * going on from its last packet; the rest, its tag included, is random, for the forger has no key.
 *
 * @param last a packet of the sender, as it was captured
 */
export function forgePackets(last: Uint8Array, count: number, random: (length: number) => Uint8Array): Uint8Array[] {
  const before = new DataView(last.buffer, last.byteOffset, last.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const forged = new Uint8Array(last.byteLength);
    forged.set(last.subarray(0, RTP_HEADER_LENGTH));
    forged.set(random(last.byteLength - RTP_HEADER_LENGTH), RTP_HEADER_LENGTH);
    const view = new DataView(forged.buffer);
    view.setUint16(2, (before.getUint16(2) + 1 + index) & 0xffff);
    view.setUint32(4, (before.getUint32(4) + (1 + index) * FRAME_SAMPLES) >>> 0);
    return forged;
  });
}

/** Of 20 ms at 8 kHz. */
const FRAME_SAMPLES = 160;
