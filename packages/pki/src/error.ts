import { TrustlineError } from '@trustline/base';

/** Everything this room throws, by what was wrong. A judged peer certificate is never thrown; see `judge.ts`. */
export type PkiErrorCode =
  | 'pki.malformed-certificate'
  | 'pki.malformed-pem'
  | 'pki.refused-request'
  | 'pki.refused-result'
  | 'pki.invalid-device-name'
  | 'pki.no-such-key'
  | 'pki.no-request-pending'
  | 'pki.no-renewal-staged'
  | 'pki.import-refused'
  | 'pki.pin-refused'
  | 'pki.malformed-revocation-list'
  | 'pki.revocation-list-refused'
  | 'pki.ocsp-refused'
  | 'pki.ocsp-unreachable'
  | 'pki.manufacturer-refused'
  | 'pki.lsc-authority-refused'
  | 'pki.lsc-refused'
  | 'pki.key-file-exposed'
  | 'pki.key-file-unreadable'
  | 'pki.key-mismatch'
  | 'pki.passphrase-needed'
  | 'pki.passphrase-wrong'
  | 'pki.passphrase-source'
  | 'pki.store-missing'
  | 'pki.store-exists'
  | 'pki.store-damaged'
  | 'pki.store-newer'
  | 'pki.write-failed'
  | 'pki.invalid-file-value'
  | 'pki.unsuited-signer'
  | 'pki.unsuited-recipient'
  | 'pki.wrong-signature';

/** The typed error of this room. Neither its message nor its detail ever holds key material or a passphrase. */
export class PkiError extends TrustlineError {
  override readonly name = 'PkiError';

  constructor(code: PkiErrorCode, message: string, options: ConstructorParameters<typeof TrustlineError>[2] = {}) {
    super(code, message, options);
  }
}
