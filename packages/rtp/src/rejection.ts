/** Why bytes from the network are no RTP or RTCP packet. A constant, so that refusing allocates nothing. */
export type RtpRejection =
  /** Shorter than its fixed header. */
  | 'too-short'
  /** Not version 2 (RFC 3550 §5.1). */
  | 'bad-version'
  /** The CSRC list reaches past the end. */
  | 'truncated-csrc'
  /** The header extension reaches past the end (RFC 3550 §5.3.1). */
  | 'truncated-extension'
  /** The padding count is zero or larger than the payload (RFC 3550 §5.1). */
  | 'bad-padding'
  /** An RTCP length reaches past the end of the compound packet (RFC 3550 §6.4.1). */
  | 'bad-length'
  /** The content of an RTCP packet contradicts its count or length. */
  | 'malformed';
