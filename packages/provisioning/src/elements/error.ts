import { TrustlineError } from '@trustline/base';

/** Codes of enrolment and trust verification: `capf.` and `tvs.`. */
export type EnrolmentErrorCode = `${'capf' | 'tvs'}.${string}`;

/** What CAPF and TVS throw at programmers and at whoever opens their sockets. Peers get typed rejects instead. */
export class EnrolmentError extends TrustlineError {
  override readonly name = 'EnrolmentError';
  declare readonly code: EnrolmentErrorCode;

  // The narrower type of `code` is the reason for this constructor.
  constructor(
    code: EnrolmentErrorCode,
    message: string,
    options: ConstructorParameters<typeof TrustlineError>[2] = {},
  ) {
    super(code, message, options);
  }
}
