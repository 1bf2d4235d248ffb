/** Every way in which a caller can misuse this library, or reach a limit of SRTP itself. */
export type SrtpErrorCode =
  /** An option at construction is wrong; the message names it, what was expected and what came. */
  | 'srtp.invalid-option'
  /** `out` cannot hold what protecting the packet would write. */
  | 'srtp.buffer-too-small'
  /** `packet` and `out` share memory without starting at the same octet. */
  | 'srtp.overlapping-buffers'
  /** A packet to protect is no RTP or RTCP packet. */
  | 'srtp.malformed-packet'
  /** Protecting this packet would use a (key, SSRC, index) a second time, or step back behind one already used. */
  | 'srtp.index-reused'
  /** The master key has protected as many packets as it may. */
  | 'srtp.key-lifetime-exhausted'
  /** More SSRC than this context allows. */
  | 'srtp.ssrc-limit'
  /** The SSRC is received already, and both directions have the same master key: keystream would be used twice. */
  | 'srtp.ssrc-collision'
  /** A sealed state was altered, cut, sealed under another key, or is of a kind this version does not read. */
  | 'srtp.bad-sealed-state'
  /** The context was closed and its keys are gone. */
  | 'srtp.closed';

/**
 * A misuse of the library or the end of a key's life. What arrives from the network never throws this: it is
 * returned as an `SrtpRejection`. No field ever holds key material. Match on `code`, never on the text.
 */
export class SrtpError extends Error {
  override readonly name = 'SrtpError';
  readonly code: SrtpErrorCode;
  /** The clause that the call would have broken, for instance `RFC 3711 §9.2`. */
  readonly section: string | undefined;

  constructor(code: SrtpErrorCode, message: string, section?: string) {
    super(section === undefined ? message : `${message} (${section})`);
    this.code = code;
    this.section = section;
  }
}
