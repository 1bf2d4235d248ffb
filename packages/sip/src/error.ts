import { TrustlineError } from '@trustline/base';

/** Codes of this room begin with `sip.`; each part keeps its own table of them. */
export type SipErrorCode = `sip.${string}`;

/** What the SIP room throws at programmers and returns about peers. Match on `code`. */
export class SipError extends TrustlineError {
  override readonly name = 'SipError';
  declare readonly code: SipErrorCode;

  // The narrower type of `code` is the reason for this constructor.
  constructor(code: SipErrorCode, message: string, options: ConstructorParameters<typeof TrustlineError>[2] = {}) {
    super(code, message, options);
  }
}
