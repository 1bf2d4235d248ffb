import { TrustlineError } from '@trustline/base';

/** What keeps a gateway from starting, for a person or a script to read. */
export type GatewayErrorCode =
  | 'gateway.bad-configuration'
  | 'gateway.file-unreadable'
  | 'gateway.no-such-host'
  | 'gateway.no-such-port'
  | 'gateway.not-running'
  | 'gateway.control-unavailable'
  | 'gateway.trunk-unusable';

export class GatewayError extends TrustlineError {
  override readonly name = 'GatewayError';
  declare readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string, options: { nextStep?: string; cause?: unknown } = {}) {
    super(code, message, options);
  }
}
