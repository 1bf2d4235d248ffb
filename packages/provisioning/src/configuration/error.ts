import { TrustlineError } from '@trustline/base';

/** A configuration that we were asked to write and that no phone could read, for instance with six call managers. */
export class ConfigurationError extends TrustlineError {
  override readonly name = 'ConfigurationError';

  constructor(message: string, nextStep: string) {
    super('provisioning.configuration-unwritable', message, { nextStep });
  }
}
