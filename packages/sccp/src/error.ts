import { TrustlineError } from '@trustline/base';

/** Every code of this room, with what it means. */
export const sccpErrors = {
  'sccp.truncated': 'the message ends within a field that it must have',
  'sccp.count': 'a count is larger than the list that it counts can be',
  'sccp.key-length': 'a master key or salt is longer than its 16 octets',
  'sccp.frame-length': 'the length in a header is shorter than a message id or longer than the limit',
  'sccp.value': 'a value does not fit its field',
  'sccp.state': 'the session is not in a state in which this can be done',
} as const;

export type SccpErrorCode = keyof typeof sccpErrors;

/** What this room throws at programmers, and says about peers within a `MalformedMessage`. Match on `code`. */
export class SccpError extends TrustlineError {
  override readonly name = 'SccpError';
  declare readonly code: SccpErrorCode;

  // The narrower type of `code` is the reason for this constructor.
  constructor(code: SccpErrorCode, message: string, options: ConstructorParameters<typeof TrustlineError>[2] = {}) {
    super(code, message, options);
  }
}
