import { TrustlineError } from '@trustline/base';

/** Everything that can be wrong with a security token. */
export type TokenErrorCode =
  | 'token.absent'
  | 'token.ambiguous'
  | 'token.not-formatted'
  | 'token.already-initialised'
  | 'token.pin-wrong'
  | 'token.pin-final-try'
  | 'token.pin-locked'
  | 'token.pin-source'
  | 'token.pin-refused'
  | 'token.removed'
  | 'token.in-use'
  | 'token.key-missing'
  | 'token.certificate-refused'
  | 'token.signature-wrong'
  | 'token.file-damaged'
  | 'token.module-missing'
  | 'token.module-failed'
  | 'token.library-missing'
  | 'token.failed'
  | 'token.closed';

/** The typed error of security tokens. Neither its message nor its detail ever holds a PIN or key material. */
export class TokenError extends TrustlineError {
  override readonly name = 'TokenError';

  constructor(code: TokenErrorCode, message: string, options: ConstructorParameters<typeof TrustlineError>[2] = {}) {
    super(code, message, options);
  }
}
