/** What a message may cost us before it is refused. All sizes are in octets. */
export interface SipLimits {
  /** The request or status line, without its CRLF. */
  readonly startLine: number;
  /** How many header fields one message may have. */
  readonly headerCount: number;
  /** One header field with its name and all its folded lines. */
  readonly header: number;
  /** The start line and all header fields together, up to the empty line. */
  readonly head: number;
  readonly body: number;
}

/** Generous for phones (the longest RFC 4475 request has 3.5 kB), small enough for ten thousand connections. */
export const DEFAULT_SIP_LIMITS: SipLimits = {
  startLine: 8_192,
  headerCount: 256,
  header: 16_384,
  head: 65_536,
  body: 262_144,
};
