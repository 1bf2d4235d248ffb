/**
 * Why a received packet was refused. Always one of these constants, so that refusing allocates nothing; a refused
 * packet leaves no trace in the context but its count.
 */
export type SrtpRejection =
  /** Shorter than a header, its MKI and its tag. */
  | 'too-short'
  /** Longer than any transport carries: 65,535 octets. */
  | 'too-long'
  /** Not version 2 of RTP. */
  | 'bad-version'
  /** CSRC list or header extension reach past the end. */
  | 'malformed-header'
  /** The MKI names no key of this context (RFC 3711 §3.1). */
  | 'unknown-mki'
  /** An SRTCP packet without the E bit, where encryption was agreed (RFC 3711 §3.4). */
  | 'not-encrypted'
  /** The authentication tag does not match (RFC 3711 §3.3). */
  | 'authentication-failed'
  /** This index was received before (RFC 3711 §3.3.2). */
  | 'replayed'
  /** The index lies behind the replay window (RFC 3711 §3.3.2). */
  | 'too-old'
  /** The master key has reached the end of its life (RFC 3711 §9.2). */
  | 'key-exhausted'
  /** An authentic packet of one SSRC more than this context keeps, where it was told to refuse rather than forget. */
  | 'ssrc-limit'
  /** The SSRC is one of the other direction, and both directions have the same master key (RFC 3711 §9.1). */
  | 'ssrc-collision'
  /** A header extension or CSRC list came in the clear where cryptex is required (RFC 9335 §4). */
  | 'cryptex-required'
  /** Nothing told the rollover counter of this SSRC yet, and no tag would show a wrong one (RFC 4771 §3). */
  | 'unknown-rollover-counter'
  /** `out` cannot hold the packet. */
  | 'output-too-small'
  /** The context was closed; late datagrams are normal then. */
  | 'closed';

/** How often each rejection was returned. */
export type SrtpRejectionCounts = Record<SrtpRejection, number>;

export function createRejectionCounts(): SrtpRejectionCounts {
  return {
    'too-short': 0,
    'too-long': 0,
    'bad-version': 0,
    'malformed-header': 0,
    'unknown-mki': 0,
    'not-encrypted': 0,
    'authentication-failed': 0,
    replayed: 0,
    'too-old': 0,
    'key-exhausted': 0,
    'ssrc-limit': 0,
    'ssrc-collision': 0,
    'cryptex-required': 0,
    'unknown-rollover-counter': 0,
    'output-too-small': 0,
    closed: 0,
  };
}
