import { TrustlineError } from '@trustline/base';

/** What can go wrong before or during a call, or the boot, of the softphone, for a person or a script to read. */
export type PhoneErrorCode =
  | 'phone.credentials-missing'
  | 'phone.credentials-malformed'
  | 'phone.manager-unreachable'
  | 'phone.manager-not-trusted'
  | 'phone.not-connected'
  | 'phone.file-unreadable'
  | 'phone.file-unwritable'
  | 'phone.registration-refused'
  | 'phone.registration-forbidden'
  | 'phone.closed-without-a-word'
  | 'phone.state-damaged'
  | 'phone.files-unreachable'
  | 'phone.files-refused'
  | 'phone.unprovisioned'
  | 'phone.no-trust-list'
  | 'phone.not-enrolled'
  | 'phone.enrolment-declined'
  | 'phone.enrolment-failed'
  | 'phone.certificate-awaited'
  | 'phone.no-such-line'
  | 'phone.suite-not-carried'
  | 'phone.no-password'
  | 'phone.stopped'
  | 'phone.usage';

export class PhoneError extends TrustlineError {
  override readonly name = 'PhoneError';
  declare readonly code: PhoneErrorCode;

  constructor(code: PhoneErrorCode, message: string, options: { nextStep?: string; cause?: unknown } = {}) {
    super(code, message, options);
  }
}
