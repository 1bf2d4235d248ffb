import { TrustlineError } from '@trustline/base';

/** Everything this room throws, by what was wrong. Match on these, never on the text. */
export type ManagerErrorCode =
  | 'manager.configuration-invalid'
  | 'manager.configuration-unreadable'
  | 'manager.data-folder-unusable'
  | 'manager.data-folder-foreign'
  | 'manager.data-folder-newer'
  | 'manager.data-folder-in-use'
  | 'manager.store-newer'
  | 'manager.records-key-changed'
  | 'manager.port-in-use'
  | 'manager.listener-failed'
  | 'manager.media-relay-failed'
  | 'manager.hold-file'
  | 'manager.socket-path-too-long'
  | 'manager.not-running'
  | 'manager.api-unreachable'
  | 'manager.api-untrusted'
  | 'manager.api-mismatch'
  | 'manager.request-invalid'
  | 'manager.request-too-large'
  | 'manager.not-found'
  | 'manager.device-exists'
  | 'manager.device-unknown'
  | 'manager.gateway-unknown'
  | 'manager.gateway-address-taken'
  | 'manager.device-name-invalid'
  | 'manager.device-not-registered'
  | 'manager.line-unknown'
  | 'manager.forwarding-refused'
  | 'manager.operator-exists'
  | 'manager.operator-unknown'
  | 'manager.role-needed'
  | 'manager.no-ipsec'
  | 'manager.no-alarms'
  | 'manager.backup-running'
  | 'manager.backup-passphrase'
  | 'manager.backup-name'
  | 'manager.not-a-backup'
  | 'manager.backup-newer'
  | 'manager.backup-wrong-passphrase'
  | 'manager.backup-damaged'
  | 'manager.restore-folder'
  | 'manager.no-listener'
  | 'manager.call-unknown'
  | 'manager.call-ambiguous'
  | 'manager.no-wave'
  | 'manager.no-itl'
  | 'manager.no-renewal'
  | 'manager.cluster-exists'
  | 'manager.manufacturer-needed'
  | 'manager.renewal-refused'
  | 'manager.renewal-not-served'
  | 'manager.non-secure-cluster'
  | 'manager.wave-refused'
  | 'manager.wave-not-back'
  | 'manager.not-in-wave'
  | 'manager.reason-needed'
  | 'manager.trust-list-unreadable'
  | 'manager.enrolment-unknown'
  | 'manager.enrolment-not-locked'
  | 'manager.disk-full'
  | 'manager.internal';

/** The typed error of this room. Its message may be shown to an operator; it never holds a secret. */
export class ManagerError extends TrustlineError {
  override readonly name = 'ManagerError';

  constructor(code: ManagerErrorCode, message: string, options: ConstructorParameters<typeof TrustlineError>[2] = {}) {
    super(code, message, options);
  }
}
