import type { RtpHeaderView } from '@trustline/rtp';

const FIXED_HEADER = 12;
/** Version 2, and nothing beyond the fixed part. */
const PLAIN = 0x80;

/**
 * Reads the header of a datagram that may be RTP or SRTP into `header`; false where it cannot be one. The last octet counts the
 * padding, and is encrypted in SRTP: where it says what cannot be, the fixed part of the header is taken by itself.
 */
export function readMaybeEncrypted(header: RtpHeaderView, datagram: Uint8Array): boolean {
  const rejection = header.read(datagram);
  if (rejection !== 'bad-padding') return rejection === undefined;
  const unpadded = datagram.slice(0, FIXED_HEADER);
  unpadded[0] = PLAIN;
  return header.read(unpadded) === undefined;
}
