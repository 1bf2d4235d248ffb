import { TrustlineError } from '@trustline/base';

/** What call control throws: only for misuse by the program around it or a configuration that cannot be read. */
export type CallControlErrorCode =
  /** A pattern of the dial plan cannot be read. */
  | 'callcontrol.pattern-malformed'
  /** A schedule of the dial plan cannot be read. */
  | 'callcontrol.schedule-malformed'
  /** A row of the dial plan names a schedule, partition or device that is not there. */
  | 'callcontrol.unknown-name'
  /** A leg was opened under an identifier that is in use. */
  | 'callcontrol.leg-exists'
  /** A setting is out of its range. */
  | 'callcontrol.setting-out-of-range';

export class CallControlError extends TrustlineError {
  override readonly name = 'CallControlError';
  declare readonly code: CallControlErrorCode;

  constructor(
    code: CallControlErrorCode,
    message: string,
    options: { nextStep?: string; detail?: string; offset?: number; cause?: unknown } = {},
  ) {
    super(code, message, options);
  }
}
