/** What can be wrong with a crypto attribute, or keep a correct one from being chosen. */
export type SdesRejectionCode =
  | 'sdes.bad-syntax'
  | 'sdes.bad-tag'
  | 'sdes.duplicate-tag'
  | 'sdes.unknown-key-method'
  | 'sdes.bad-key'
  | 'sdes.bad-key-length'
  | 'sdes.zero-key'
  | 'sdes.bad-lifetime'
  | 'sdes.bad-mki'
  | 'sdes.bad-session-parameter'
  | 'sdes.too-large'
  | 'sdes.suite-not-supported'
  | 'sdes.suite-not-allowed'
  | 'sdes.unencrypted-refused'
  | 'sdes.unauthenticated-refused'
  | 'sdes.session-parameter-not-supported'
  | 'sdes.no-answer'
  | 'sdes.several-answers'
  | 'sdes.answer-not-offered'
  | 'sdes.key-reflected';

/** Why a line was refused, in words that may go to a peer or an operator: it never holds key material. */
export interface SdesRejection {
  readonly kind: 'rejected';
  readonly code: SdesRejectionCode;
  readonly reason: string;
  /** The clause, for instance `RFC 4568 §9.2`. */
  readonly section: string;
  /** The tag of the line, where it could be read. */
  readonly tag: number | undefined;
}

export function reject(
  code: SdesRejectionCode,
  reason: string,
  section: string,
  tag: number | undefined = undefined,
): SdesRejection {
  return { kind: 'rejected', code, reason, section, tag };
}
