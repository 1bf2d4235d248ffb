/**
 * One header field, in the order it was received. `name` is in canonical spelling where the
 * header is known (compact forms expanded), else as received; `value` is unfolded and trimmed,
 * otherwise untouched, so unknown headers survive a round trip.
 */
export interface SipHeader {
  readonly name: string;
  readonly value: string;
}

/** RFC 3261 §7.1. */
export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** The Request-URI exactly as it stands in the start line. */
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

/** RFC 3261 §7.2. */
export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;
