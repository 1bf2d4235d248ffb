import { readUint16 } from './octets.ts';
import type { SrtpRejection } from './rejection.ts';

const RTP_HEADER_LENGTH = 12;
export const RTP_SSRC_AT = 8;
/** The first header and the SSRC of an RTCP packet stay in the clear (RFC 3711 §3.4). */
const RTCP_CLEAR_LENGTH = 8;
export const RTCP_SSRC_AT = 4;
/** The word that holds the E bit and the SRTCP index. */
export const RTCP_INDEX_LENGTH = 4;

const VERSION_2 = 0x80;

/** Longest packet: what the length field of UDP, and the framing of RFC 4571, can carry. */
export const LONGEST_PACKET = 65_535;

/**
 * Length of the header that SRTP leaves in the clear, CSRC list and header extension included (RFC 3711 §3.1),
 * or why `packet[0, end)` is no RTP packet.
 */
export function rtpClearLength(packet: Uint8Array, end: number): number | SrtpRejection {
  if (end < RTP_HEADER_LENGTH) return 'too-short';
  const first = packet[0] as number;
  if ((first & 0xc0) !== VERSION_2) return 'bad-version';
  let length = RTP_HEADER_LENGTH + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (end < length + 4) return 'malformed-header';
    length += 4 + 4 * readUint16(packet, length + 2);
  }
  return length > end ? 'malformed-header' : length;
}

/** The same for RTCP, where the clear part is always 8 octets. */
export function rtcpClearLength(packet: Uint8Array, end: number): number | SrtpRejection {
  if (end < RTCP_CLEAR_LENGTH) return 'too-short';
  if (((packet[0] as number) & 0xc0) !== VERSION_2) return 'bad-version';
  return RTCP_CLEAR_LENGTH;
}
